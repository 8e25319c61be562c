import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readPromql } from './promql.ts';
import { typeProblems } from './promql-types.ts';
import { REFUSED, VALID } from './testing/promql-rows.ts';

for (const query of VALID)
  it(`what Prometheus accepts is accepted: ${query}`, () => {
    assert.deepEqual(readPromql(query).problems, []);
    assert.deepEqual(typeProblems(query), []);
  });

for (const [query, position, message] of REFUSED)
  it(`what Prometheus refuses for its types is refused with the place: ${query}`, () => {
    assert.deepEqual(readPromql(query).problems, []);
    const [first] = typeProblems(query);
    assert.equal(first?.position, position);
    assert.match(first.message, message);
  });
