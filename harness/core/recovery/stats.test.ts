import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRng } from '../seed.ts';
import {
  bootstrapInterval,
  describeDistribution,
  median,
  p95,
  quantile,
  trialsForQuantile,
} from './stats.ts';

const times = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 60 });

describe('quantiles', () => {
  it('agree with known values', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([1, 2, 3, 4]), 2.5);
    assert.equal(p95([...Array(101).keys()]), 95);
    assert.ok(Number.isNaN(median([])));
  });

  it('lie within the values and grow with q', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const value = quantile(values, q);
        assert.ok(value >= Math.min(...values) && value <= Math.max(...values));
        assert.ok(quantile(values, q / 2) <= value);
      }),
    );
  });
});

describe('the bootstrap interval', () => {
  it('is the same for the same seed, and holds the statistic', () => {
    const values = [5, 6, 7, 8, 30];
    const one = bootstrapInterval(values, median, { seed: 1 });
    assert.deepEqual(one, bootstrapInterval(values, median, { seed: 1 }));
    assert.ok(one.low <= 7 && one.high >= 7);
  });

  it('holds the true median in about 90 % of samples', () => {
    let held = 0;
    for (let seed = 0; seed < 300; seed++) {
      const rng = createRng(seed);
      const values = Array.from({ length: 25 }, () => rng.next() * 100);
      const { low, high } = bootstrapInterval(values, median, { seed, resamples: 400 });
      if (low <= 50 && high >= 50) held++;
    }
    assert.ok(held / 300 > 0.83 && held / 300 < 0.97, `${held / 300}`);
  });
});

describe('a distribution over trials', () => {
  it('takes 59 clean trials for a p95 with 95 % confidence', () => {
    assert.equal(trialsForQuantile(0.95, 0.95), 59);
    const trials = (n: number) => Array.from({ length: n }, () => ({ ms: 5, censored: false }));
    assert.equal(describeDistribution(trials(58), 1).claim, 'all of 58');
    assert.equal(describeDistribution(trials(59), 1).claim, 'p95 with 95 % confidence');
  });

  it('never drops a trial that did not recover', () => {
    const some = [1, 2, 3].map((ms) => ({ ms, censored: false }));
    const all = describeDistribution([...some, { ms: 60, censored: true }, { ms: 60, censored: true }], 1);
    assert.deepEqual([all.n, all.notRecovered, all.median, all.p95], [5, 2, 3, Number.POSITIVE_INFINITY]);
  });
});
