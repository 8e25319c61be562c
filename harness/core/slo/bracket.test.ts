import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { overlap, promWidthMs, recoveryFromProm, type PromPoint, type PromQuestion } from './bracket.ts';

const question: PromQuestion = {
  effectiveWallMs: 10_000,
  bound: { atLeast: 0.99 },
  stableForMs: 5_000,
  windowMs: 4_000,
  scrapeIntervalMs: 1_000,
  watchUntilWallMs: 20_000,
};

function points(value: (wallMs: number) => number | null, endMs = 60_000, phaseMs = 300): PromPoint[] {
  const all: PromPoint[] = [];
  for (let wallMs = phaseMs; wallMs <= endMs; wallMs += 1_000) all.push([wallMs, value(wallMs)]);
  return all;
}

/** Bad whenever the outage reaches into the window behind a point, as a rate is. */
function outage(fromMs: number, toMs: number, reachMs = 4_000): (wallMs: number) => number {
  return (wallMs) => (wallMs > fromMs && wallMs - reachMs < toMs ? 0.5 : 1);
}

describe('recovery by PromQL', () => {
  it('lies in (last bad - W - scrape, first good], and the truth lies in it', () => {
    const cases = fc.record({
      fromMs: fc.integer({ min: 10_000, max: 11_000 }),
      lengthMs: fc.integer({ min: 1_000, max: 25_000 }),
      phaseMs: fc.integer({ min: 0, max: 999 }),
      // Data may be up to one scrape old.
      ageMs: fc.integer({ min: 0, max: 1_000 }),
    });
    fc.assert(
      fc.property(cases, ({ fromMs, lengthMs, phaseMs, ageMs }) => {
        const toMs = fromMs + lengthMs;
        const value = outage(fromMs + ageMs, toMs + ageMs);
        const answer = recoveryFromProm(points(value, 60_000, phaseMs), question);
        assert.ok(answer.kind === 'restored', JSON.stringify(answer));
        const trueMs = toMs - question.effectiveWallMs;
        const { lowMs, highMs } = answer.bracket;
        assert.ok(lowMs <= trueMs && trueMs <= highMs, `${trueMs} not in (${lowMs}, ${highMs}]`);
        assert.ok(highMs - lowMs <= promWidthMs(4_000, 1_000));
      }),
    );
  });

  it('is never "restored" when a point is missing where it matters', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 18 }), (second) => {
        const value = outage(10_100, 13_000);
        const holed = points((wallMs) => (Math.floor(wallMs / 1_000) === second ? null : value(wallMs)));
        assert.equal(recoveryFromProm(holed, question).kind, 'unknown');
      }),
    );
  });

  it('that is not yet stable, or not yet over, is open with a low end that holds', () => {
    const value = outage(10_100, 13_000);
    const whole = recoveryFromProm(points(value), question);
    assert.ok(whole.kind === 'restored');
    for (let endMs = 11_000; endMs < 20_000; endMs += 1_000) {
      const answer = recoveryFromProm(points(value, endMs), question);
      assert.ok(answer.kind === 'open' && answer.lowMs <= whole.bracket.highMs);
    }
  });

  it('without a bad point is no impact, except for an outage too short to see', () => {
    const answer = recoveryFromProm(
      points(() => 1),
      question,
    );
    assert.deepEqual(answer.kind === 'no-impact' && answer.bracket, { lowMs: 0, highMs: 5_000 });
  });

  it('needs a good point before the fault', () => {
    assert.equal(
      recoveryFromProm(
        points(() => 0.5),
        question,
      ).kind,
      'unknown',
    );
    assert.equal(
      recoveryFromProm(
        points(() => null),
        question,
      ).kind,
      'unknown',
    );
    assert.equal(recoveryFromProm([], question).kind, 'unknown');
  });

  it('moves with a second violation within stableFor or before the limit', () => {
    const twice = (wallMs: number): number =>
      Math.min(outage(10_100, 11_000)(wallMs), outage(17_000, 18_000)(wallMs));
    const answer = recoveryFromProm(points(twice), question);
    assert.ok(answer.kind === 'restored' && answer.bracket.highMs > 8_000);
  });
});

describe('at its edges recovery by PromQL', () => {
  /** Outside of the bound from one instant to another, both included; a point each second until the end, the newest first. */
  const answerOf = (badMs: readonly number[], endMs: number, others: readonly PromPoint[] = []) => {
    const all: PromPoint[] = [...others];
    for (let wallMs = 9_000; wallMs <= endMs; wallMs += 1_000)
      if (!others.some(([at]) => at === wallMs)) all.push([wallMs, badMs.includes(wallMs) ? 0.5 : 0.99]);
    return recoveryFromProm(all.toReversed(), question);
  };
  const long = [12_000, 13_000, 14_000, 15_000, 16_000, 17_000];

  it('is restored with the point that ends the stable time, and open before', () => {
    const restored = {
      kind: 'restored',
      bracket: { lowMs: 2_000, highMs: 8_000 },
      stableUntilWallMs: 23_000,
    };
    assert.deepEqual(answerOf(long, 23_000), restored);
    const reason = 'inside its bound, but not yet for long enough';
    assert.deepEqual(answerOf(long, 22_000), { kind: 'open', lowMs: 2_000, reason });
    assert.deepEqual(answerOf([...long, 24_000], 24_000), restored);
    assert.deepEqual(answerOf(long, 24_000, [[24_000, null]]), restored);
    assert.deepEqual(answerOf([...long, 23_000], 23_000), {
      ...{ kind: 'open', lowMs: 8_000, reason: 'still outside its bound' },
    });
  });

  it('is watched to the limit of the claim where that ends later', () => {
    const bracket = { lowMs: 0, highMs: 3_000 };
    assert.deepEqual(answerOf([12_000], 20_000), { kind: 'restored', bracket, stableUntilWallMs: 20_000 });
    assert.equal(answerOf([12_000], 19_000).kind, 'open');
  });

  it('has no impact with the point that ends the time allowed, and is open before', () => {
    const bracket = { lowMs: 0, highMs: 5_000 };
    const none = { kind: 'no-impact', bracket, stableUntilWallMs: 20_000 };
    assert.deepEqual(answerOf([], 20_000), none);
    assert.deepEqual(answerOf([], 21_000), none);
    assert.deepEqual(answerOf([21_000], 21_000), none);
    assert.equal(answerOf([20_000], 21_000).kind, 'open');
    assert.deepEqual(answerOf([], 19_000), {
      ...{ kind: 'open', lowMs: 0 },
      reason: 'inside its bound so far, but not watched to the end of the time allowed',
    });
  });

  it('counts a point at the instant of the fault as before it, and no value after it as unknown', () => {
    const reason = 'the query was outside its bound before the fault: 0.5';
    assert.deepEqual(answerOf([10_000], 20_000), { kind: 'unknown', reason });
    assert.equal(answerOf([9_000], 20_000).kind, 'no-impact');
    for (const value of [null, Number.NaN])
      assert.deepEqual(answerOf(long, 23_000, [[12_000, value]]), {
        ...{ kind: 'unknown', reason: 'the query has no value 2000 ms after the fault took effect' },
      });
    for (const points of [[], [[10_001, 1] as const], [[10_000, null] as const]])
      assert.deepEqual(recoveryFromProm(points, question), {
        ...{ kind: 'unknown', reason: 'the query had no value before the fault' },
      });
  });
});

it('PromQL tells no two instants apart that lie within its range, one scrape and one step', () => {
  assert.equal(promWidthMs(4_000, 1_000), 6_000);
  assert.equal(promWidthMs(4_000, 1_000, 250), 5_250);
});

describe('two brackets', () => {
  it('agree when one instant lies in both', () => {
    assert.deepEqual(overlap({ lowMs: 1, highMs: 5 }, { lowMs: 4, highMs: 9 }), { lowMs: 4, highMs: 5 });
    assert.deepEqual(overlap({ lowMs: 1, highMs: 4 }, { lowMs: 4, highMs: 9 }), { lowMs: 4, highMs: 4 });
    assert.equal(overlap({ lowMs: 1, highMs: 3 }, { lowMs: 4, highMs: 9 }), undefined);
  });
});
