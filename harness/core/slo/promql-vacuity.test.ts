import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { typeProblems } from './promql-types.ts';
import { readTree } from './promql-tree.ts';
import { vacuityProblem } from './promql-vacuity.ts';
import {
  ABSENCE_IS_GOOD,
  ABSENCE_OF_ONE_IS_GOOD,
  ACCEPTED,
  NO_WAY_OUT,
  type Refused,
} from './testing/vacuity-rows.ts';

function refuses(rows: readonly Refused[]): void {
  for (const [query, bound, at, message] of rows)
    it(`${query} under ${JSON.stringify(bound)}`, () => {
      assert.deepEqual(typeProblems(query), []);
      const problem = vacuityProblem(readTree(query), bound);
      assert.ok(problem, 'it is refused');
      assert.match(problem.message, message);
      assert.equal(query.slice(problem.position, problem.position + at.length), at);
    });
}

describe('a query that has a good number when nothing is there is refused with the place', () =>
  refuses(ABSENCE_IS_GOOD));
describe('a query whose number never leaves its bound is refused with the place', () => refuses(NO_WAY_OUT));
describe('a query in which the absence of one series is good is refused with the place', () =>
  refuses(ABSENCE_OF_ONE_IS_GOOD));

describe('a query whose absence is told, or bad, is accepted', () => {
  for (const [query, bound] of ACCEPTED)
    it(`${query} under ${JSON.stringify(bound)}`, () => {
      assert.deepEqual(typeProblems(query), []);
      assert.equal(vacuityProblem(readTree(query), bound), undefined);
    });
});

it('a value that may be any number is inside of a bound, too', () => {
  const query = 'x or histogram_quantile(0.9, label_replace(vector(1), "le", "1", "", ""))';
  const { message } = vacuityProblem(readTree(query), { atLeast: 0.99 }) ?? { message: '' };
  assert.match(message, /no series is there, the value is any number, inside of >= 0\.99/);
});
