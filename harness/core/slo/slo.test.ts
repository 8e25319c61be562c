import assert from 'node:assert/strict';
import { it } from 'node:test';
import { insideBound, type Bound } from './slo.ts';

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
