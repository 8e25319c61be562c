import assert from 'node:assert/strict';
import { it } from 'node:test';
import { describeBound, goodShareOf, insideBound, numberOf, type Bound } from './slo.ts';

const NO_NUMBERS = [Number.NaN, Infinity, -Infinity, Number.MAX_VALUE, -Number.MAX_VALUE];

it('what is no number lies inside of no bound, on either side', () => {
  for (const value of NO_NUMBERS)
    for (const bound of [{ atLeast: 0.99 }, { atMost: 0.99 }, { atLeast: -1e300 }, { atMost: 1e300 }])
      assert.equal(insideBound(value, bound), false, `${value} in ${JSON.stringify(bound)}`);
});

it('nothing lies inside of a bound that is no number: JSON makes null of infinity', () => {
  const written = [{ atLeast: -Infinity }, { atMost: Infinity }, { atLeast: Number.NaN }];
  for (const bound of written.map((one) => JSON.parse(JSON.stringify(one)) as Bound))
    for (const value of [-1, 0, 1]) assert.equal(insideBound(value, bound), false, JSON.stringify(bound));
});

it('the bound itself lies inside', () => {
  assert.ok(insideBound(0.99, { atLeast: 0.99 }) && insideBound(0.99, { atMost: 0.99 }));
});

it('a share of good requests is more than none of them, and at most all', () => {
  const cases: readonly (readonly [Bound | undefined, number | undefined])[] = [
    ...[undefined, { atMost: 0.5 }, { atLeast: -0.5 }, { atLeast: 0 }].map(
      (bound) => [bound, undefined] as const,
    ),
    ...[0.001, 0.99, 1].map((atLeast) => [{ atLeast }, atLeast] as const),
    ...[1.001, 2, Infinity].map((atLeast) => [{ atLeast }, undefined] as const),
  ];
  for (const [bound, share] of cases) assert.equal(goodShareOf(bound), share, JSON.stringify(bound));
});

it('a bound has a side and a number', () => {
  assert.deepEqual([{ atLeast: 2 }, { atMost: 3 }].map(numberOf), [2, 3]);
  assert.deepEqual([{ atLeast: 2 }, { atMost: 3 }].map(describeBound), ['>= 2', '<= 3']);
  assert.deepEqual(
    [1, 2, 3].map((value) => insideBound(value, { atLeast: 2 })),
    [false, true, true],
  );
  assert.deepEqual(
    [2, 3, 4].map((value) => insideBound(value, { atMost: 3 })),
    [true, true, false],
  );
});
