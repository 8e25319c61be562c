import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRng, type Rng } from '../seed.ts';
import { medianInterval, medianOf, quantile, quantileAtMost, type Observation } from './stats.ts';

const SEED = 20;
const ROUNDS = 2_000;
/** Two standard errors of a share of 95 % of so many rounds: 59 trials hold it in 95.2 %. */
const CHANCE = 0.01;
const times = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 60 });

const trials = (...values: number[]): Observation[] => values.map((ms) => ({ ms, censored: false }));
const unended = (...values: number[]): Observation[] => values.map((ms) => ({ ms, censored: true }));
const oneTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);

/** Kinds of times, each with its true quantiles. */
const KINDS: readonly { name: string; draw: (rng: Rng) => number; median: number; p95: number }[] = [
  { name: 'exponential', draw: (rng) => -Math.log(1 - rng.next()), median: Math.LN2, p95: Math.log(20) },
  { name: 'lognormal', draw: (rng) => Math.exp(normal(rng)), median: 1, p95: Math.exp(1.6449) },
  { name: 'two-point', draw: (rng) => (rng.next() < 0.55 ? 2 : 9), median: 2, p95: 9 },
];

function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

/** How often it is true of `n` trials; watched for so long, each, when `watched` is given. */
function shareOf(
  n: number,
  draw: (rng: Rng) => number,
  isTrue: (observations: readonly Observation[]) => boolean,
  watched?: (rng: Rng) => number,
): number {
  const rng = createRng(SEED);
  let held = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const observations = Array.from({ length: n }, () => {
      const ms = draw(rng);
      const limit = watched?.(rng) ?? Infinity;
      return { ms: Math.min(ms, limit), censored: ms > limit };
    });
    if (isTrue(observations)) held++;
  }
  return held / ROUNDS;
}

describe('quantiles', () => {
  it('agree with known values', () => {
    assert.equal(quantile([3, 1, 2], 0.5), 2);
    assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
    assert.equal(quantile([...Array(101).keys()], 0.95), 95);
    assert.equal(quantile([Infinity, 1, Infinity], 0.75), Infinity);
    assert.ok(Number.isNaN(quantile([], 0.5)));
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

  it('count a trial that had not ended as at least so long, and never drop it', () => {
    assert.deepEqual(medianOf([...trials(1, 2, 3), ...unended(60, 60)]), { low: 3, high: 3 });
    assert.deepEqual(medianOf([...trials(3), ...unended(60)]), { low: 3, high: Infinity });
    assert.deepEqual(medianOf([...trials(5, 20, 30, 40), ...unended(10)]), { low: 20, high: Infinity });
    assert.deepEqual(medianOf(unended(60, 60)), { low: 60, high: Infinity });
  });
});

describe(`the interval of the median, by simulation (seed ${SEED})`, () => {
  for (const n of [5, 10, 20, 59]) {
    for (const { name, draw, median } of KINDS) {
      const holds = (observations: readonly Observation[]): boolean => {
        const interval = medianInterval(observations, 0.9);
        return interval !== undefined && interval.low <= median && median <= interval.high;
      };
      it(`holds the truth in 90 % of samples of ${n}, ${name}, also when some are watched too shortly`, () => {
        const shares = [shareOf(n, draw, holds), shareOf(n, draw, holds, (rng) => 3 * median * rng.next())];
        assert.ok(Math.min(...shares) >= 0.9, String(shares));
      });
    }
  }

  it('does not exist where even the extremes hold the truth too seldom', () => {
    for (const n of [0, 1, 2, 3, 4]) assert.equal(medianInterval(trials(...oneTo(n)), 0.9), undefined);
    assert.deepEqual(medianInterval(trials(...oneTo(5)), 0.9), { low: 1, high: 5 });
  });

  it('is no wider than it must be: one value less on either side would hold it too seldom', () => {
    assert.deepEqual(medianInterval(trials(...oneTo(20)), 0.9), { low: 6, high: 15 });
    assert.deepEqual(medianInterval(trials(...oneTo(2_000)), 0.9), { low: 963, high: 1_038 });
  });

  it('has no upper end where too many had not ended', () => {
    const some = medianInterval([...trials(1, 2, 3, 4), ...unended(9)], 0.9);
    assert.deepEqual(some, { low: 1, high: Infinity });
  });
});

describe(`the bound of the 95th percentile, by simulation (seed ${SEED})`, () => {
  for (const n of [59, 80, 110]) {
    for (const { name, draw, p95 } of KINDS) {
      it(`is no less than the truth in 95 % of samples of ${n}, ${name}, also when some are watched too shortly`, () => {
        const holds = (observations: readonly Observation[]): boolean =>
          (quantileAtMost(observations, 0.95, 0.95) ?? Infinity) >= p95;
        const shares = [shareOf(n, draw, holds), shareOf(n, draw, holds, (rng) => 2 * p95 * rng.next())];
        assert.ok(Math.min(...shares) >= 0.95 - CHANCE, String(shares));
      });
    }
  }

  it('is the maximum of 59 that ended, and nothing of fewer', () => {
    assert.equal(quantileAtMost(trials(...oneTo(59)), 0.95, 0.95), 59);
    assert.equal(quantileAtMost(trials(...oneTo(58)), 0.95, 0.95), undefined);
    assert.equal(quantileAtMost([...trials(...oneTo(58)), ...unended(9)], 0.95, 0.95), undefined);
    assert.equal(quantileAtMost(trials(...oneTo(93)), 0.95, 0.95), 92);
    assert.equal(quantileAtMost([...trials(...oneTo(92)), ...unended(9)], 0.95, 0.95), 92);
  });
});
