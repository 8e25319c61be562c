import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SLI_WINDOW_MS, type ProbeTrace, type TimedSample } from './probe-windows.ts';
import { recoveryFromProbe, worstRecovery, type RecoveryAnswer } from './recovery.ts';
import type { RecoveryQuestion } from './recovery-question.ts';
import type { Measured } from '../verdict.ts';
import { createRng } from '../seed.ts';
import { watchSpan } from './watch-span.ts';

const EFFECTIVE_MS = 10_000;
const STABLE_MS = 5_000;
const END_MS = 60_000;

const question: RecoveryQuestion = {
  requestedMonoMs: EFFECTIVE_MS - 20,
  effectiveMonoMs: EFFECTIVE_MS,
  effectiveErrorMs: 0,
  minGoodShare: 0.99,
  stableForMs: STABLE_MS,
  watchUntilMonoMs: EFFECTIVE_MS + 30_000,
};

function trace(samples: readonly TimedSample[], gaps: ProbeTrace['gaps'] = []): ProbeTrace {
  return { target: 'shop', samples, gaps, clockErrorMs: 0 };
}

/** Requests every `periodMs` from `phaseMs` on, each good or bad by the instant at which it is due. */
function sampled(
  isOk: (dueMs: number) => boolean,
  periodMs = 50,
  phaseMs = 0,
  endMs = END_MS,
): TimedSample[] {
  const samples: TimedSample[] = [];
  for (let dueMonoMs = phaseMs; dueMonoMs <= endMs; dueMonoMs += periodMs) {
    samples.push({ dueMonoMs, ok: isOk(dueMonoMs), lateMs: 0.3 });
  }
  return samples;
}

function outage(fromMs: number, toMs: number): (dueMs: number) => boolean {
  return (dueMs) => dueMs < EFFECTIVE_MS + fromMs || dueMs >= EFFECTIVE_MS + toMs;
}

function measured(answer: RecoveryAnswer): Measured {
  assert.ok(answer.duration.kind === 'measured', JSON.stringify(answer));
  return answer.duration;
}

/** Failures at random instants after the fault, and always a good end. */
const failures = fc.array(
  fc.record({ fromMs: fc.nat(20_000), lengthMs: fc.integer({ min: 50, max: 6_000 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

function withFailures(spans: readonly { fromMs: number; lengthMs: number }[]): TimedSample[] {
  return sampled((dueMs) => spans.every(({ fromMs, lengthMs }) => outage(fromMs, fromMs + lengthMs)(dueMs)));
}

describe('recovery by the probe', () => {
  it('is known to max(100 ms, 1 %), whatever the period, the phase and the length of the outage', () => {
    const synthetic = fc.record({
      periodMs: fc.integer({ min: 50, max: 95 }),
      phaseMs: fc.integer({ min: 0, max: 49 }),
      fromMs: fc.integer({ min: 0, max: 900 }),
      lengthMs: fc.integer({ min: 300, max: 28_000 }),
    });
    fc.assert(
      fc.property(synthetic, ({ periodMs, phaseMs, fromMs, lengthMs }) => {
        const trueMs = fromMs + lengthMs;
        const answer = recoveryFromProbe(trace(sampled(outage(fromMs, trueMs), periodMs, phaseMs)), question);
        const { ms, lowMs, highMs } = measured(answer);
        assert.ok(Math.abs(ms - trueMs) <= Math.max(100, 0.01 * trueMs), `${ms} instead of ${trueMs}`);
        assert.ok(lowMs <= trueMs && trueMs <= highMs, 'the bracket holds the truth');
        assert.deepEqual([answer.lowMs, answer.highMs], [lowMs, highMs], 'one bracket is judged and printed');
      }),
    );
  });

  it('is never earlier than the last failed window began, nor than any failure before the stable run', () => {
    fc.assert(
      fc.property(failures, (spans) => {
        const samples = withFailures(spans);
        const answer = recoveryFromProbe(trace(samples), question);
        const restoredMs = answer.restoredMonoMs;
        assert.ok(restoredMs !== undefined);
        const run = samples.filter(
          ({ dueMonoMs }) => dueMonoMs >= restoredMs && dueMonoMs <= restoredMs + STABLE_MS,
        );
        assert.ok(
          run.every((sample) => sample.ok),
          'nothing fails within stableFor',
        );
        const before = samples.findLast(({ ok, dueMonoMs }) => !ok && dueMonoMs < restoredMs);
        assert.ok(before && restoredMs - before.dueMonoMs <= 50.5, 'it begins right after a failure');
      }),
    );
  });

  it('never gets shorter by more failures', () => {
    fc.assert(
      fc.property(failures, fc.nat(25_000), (spans, atMs) => {
        const samples = withFailures(spans);
        const worse = samples.map((sample) =>
          Math.abs(sample.dueMonoMs - EFFECTIVE_MS - atMs) < 26 ? { ...sample, ok: false } : sample,
        );
        const before = measured(recoveryFromProbe(trace(samples), question));
        const after = measured(recoveryFromProbe(trace(worse), question));
        assert.ok(after.ms >= before.ms, `${after.ms} after, ${before.ms} before`);
      }),
    );
  });

  it('with requests missing anywhere still brackets what all of them would have said', () => {
    fc.assert(
      fc.property(failures, fc.nat(25_000), fc.integer({ min: 1, max: 100 }), (spans, atMs, count) => {
        const samples = withFailures(spans);
        const whole = measured(recoveryFromProbe(trace(samples), question));
        const holed = samples.filter(
          ({ dueMonoMs }) => dueMonoMs < EFFECTIVE_MS + atMs || dueMonoMs >= EFFECTIVE_MS + atMs + count * 50,
        );
        const answer = recoveryFromProbe(trace(holed), question);
        assert.ok(answer.lowMs <= whole.ms, 'not earlier than the low end');
        assert.ok(answer.highMs === undefined || answer.highMs >= whole.ms, 'not later than the high end');
        if (answer.duration.kind === 'measured') {
          const { lowMs, highMs } = answer.duration;
          assert.ok(lowMs <= whole.lowMs && highMs >= whole.highMs, 'and its bracket holds theirs');
        }
      }),
    );
  });

  it('gives no figure when a gap longer than a hiccup lies in the time that has to be stable', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3_600, max: 7_500 }), fc.integer({ min: 6, max: 20 }), (atMs, count) => {
        const fromMs = EFFECTIVE_MS + atMs;
        const holed = sampled(outage(0, 3_000)).filter(
          ({ dueMonoMs }) => dueMonoMs < fromMs || dueMonoMs >= fromMs + count * 50,
        );
        assert.match(
          reasonOf(recoveryFromProbe(trace(holed), question)),
          /gap of \d+ ms: requests are missing/,
        );
      }),
    );
  });

  it('counts a hiccup in the time that has to be stable into its bracket', () => {
    const holed = sampled(outage(0, 3_000)).filter(({ dueMonoMs }) => dueMonoMs !== EFFECTIVE_MS + 5_000);
    const { ms, highMs } = measured(recoveryFromProbe(trace(holed), question));
    assert.equal(ms, 3_000);
    assert.ok(highMs >= 5_050 && highMs < 5_250, String(highMs));
  });

  it('does not mind a gap in the middle of an outage', () => {
    const holed = sampled(outage(0, 9_000)).filter(
      ({ dueMonoMs }) => Math.abs(dueMonoMs - EFFECTIVE_MS - 4_000) > 900,
    );
    const { ms, lowMs, highMs } = measured(recoveryFromProbe(trace(holed), question));
    assert.deepEqual([ms, lowMs], [9_000, 8_950]);
    // Requests of which nothing is known may have been good, so that the outage need not have been total.
    assert.ok(highMs > 9_000.3 && highMs < 9_100, String(highMs));
  });

  it('never promises more than it knows: the low end holds whatever comes', () => {
    fc.assert(
      fc.property(failures, fc.integer({ min: 500, max: 40_000 }), (spans, untilMs) => {
        const samples = withFailures(spans);
        const whole = recoveryFromProbe(trace(samples), question);
        const soFar = samples.filter(({ dueMonoMs }) => dueMonoMs <= EFFECTIVE_MS + untilMs);
        const part = recoveryFromProbe(trace(soFar), question);
        assert.ok(
          part.lowMs <= measured(whole).ms,
          `${part.lowMs} promised, ${JSON.stringify(whole.duration)} came`,
        );
        if (part.settled) assert.deepEqual(part.duration, whole.duration);
      }),
    );
  });

  it('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(failures, fc.nat(), (spans, seed) => {
        const samples = withFailures(spans);
        const shuffled = createRng(seed).shuffle(samples);
        assert.deepEqual(
          recoveryFromProbe(trace(shuffled), question),
          recoveryFromProbe(trace(samples), question),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('with a tolerant bound begins at a good request, not at the edge of a window that still holds bad ones', () => {
    const answer = recoveryFromProbe(trace(sampled(outage(0, 4_000))), { ...question, minGoodShare: 0.5 });
    assert.ok(Math.abs(measured(answer).ms - 4_000) <= 50);
  });

  it('ignores a failure that the bound allows', () => {
    const answer = recoveryFromProbe(trace(sampled(outage(2_000, 2_040))), {
      ...question,
      minGoodShare: 0.9,
    });
    assert.equal(answer.duration.kind, 'no-impact');
  });

  it('without any failure is no impact, and only when watched to the end', () => {
    assert.equal(recoveryFromProbe(trace(sampled(() => true)), question).duration.kind, 'no-impact');
    const short = recoveryFromProbe(trace(sampled(() => true, 50, 0, EFFECTIVE_MS + 10_000)), question);
    assert.deepEqual([short.duration.kind, short.settled], ['unknown', false]);
  });

  it('is censored, with the time watched, when users never come back', () => {
    const { duration } = recoveryFromProbe(trace(sampled(outage(100, 1e9))), question);
    assert.ok(duration.kind === 'censored');
    assert.equal(duration.atLeastMs, END_MS - EFFECTIVE_MS);
  });

  it('says for how long users were watched who seem restored', () => {
    const samples = sampled(outage(100, 2_000), 50, 0, EFFECTIVE_MS + 4_000);
    assert.match(reasonOf(recoveryFromProbe(trace(samples), question)), /watched for 2000 of 28000 ms since/);
  });

  it('needs a whole good second before the fault', () => {
    assert.match(
      reasonOf(recoveryFromProbe(trace(sampled(outage(-500, 3_000))), question)),
      /before the fault was injected/,
    );
    const late = sampled(() => true, 50, EFFECTIVE_MS - 500);
    assert.match(reasonOf(recoveryFromProbe(trace(late), question)), /had not watched for a whole second/);
    assert.match(reasonOf(recoveryFromProbe(trace([]), question)), /sent no request/);
  });

  it('puts a request that was under way when the fault was asked for down to the fault, and one that was slow before it not', () => {
    const requestedMs = question.requestedMonoMs;
    // Due 2 ms before the fault was asked for, and failed by it.
    const hit = (latencyMs: number) => {
      const samples = sampled(outage(0, 2_000), 50, (requestedMs % 50) - 2);
      const last = samples.findLastIndex(
        ({ dueMonoMs }) => dueMonoMs <= requestedMs - (latencyMs > 250 ? 300 : 0),
      );
      return recoveryFromProbe(
        trace(samples.with(last, { ...samples[last]!, ok: false, latencyMs })),
        question,
      );
    };
    assert.equal(hit(70).duration.kind, 'measured');
    assert.equal(hit(1).duration.kind, 'unknown');
    assert.equal(hit(400).duration.kind, 'unknown');
  });

  it('does not believe samples inside of a gap that the probe reported', () => {
    const gap = { fromMonoMs: EFFECTIVE_MS + 4_000, toMonoMs: EFFECTIVE_MS + 4_900, reason: 'no CPU' };
    const answer = recoveryFromProbe(trace(sampled(outage(0, 3_000)), [gap]), question);
    assert.match(reasonOf(answer), /gap of \d+ ms: no CPU/);
    const later = { ...gap, fromMonoMs: EFFECTIVE_MS + 31_000, toMonoMs: EFFECTIVE_MS + 32_000 };
    measured(recoveryFromProbe(trace(sampled(outage(0, 3_000)), [later]), question));
  });

  it('that is not there yet is promised no more than the errors of its instants leave', () => {
    const answer = recoveryFromProbe(
      { ...trace(sampled(outage(100, 1e9))), clockErrorMs: 7 },
      { ...question, effectiveErrorMs: 30 },
    );
    assert.ok(answer.duration.kind === 'censored');
    assert.equal(answer.lowMs, answer.duration.atLeastMs - 37);
    assert.equal(answer.impactMonoMs, EFFECTIVE_MS + 100);
    const seems = recoveryFromProbe(
      { ...trace(sampled(outage(100, 2_000), 50, 0, EFFECTIVE_MS + 4_000)), clockErrorMs: 7 },
      { ...question, effectiveErrorMs: 30 },
    );
    assert.deepEqual([seems.settled, seems.lowMs, seems.impactMonoMs], [false, 1_913, EFFECTIVE_MS + 100]);
  });

  it('tells when users left the bound again after the time that counts, and for how long', () => {
    const again = sampled((dueMs) => outage(0, 3_000)(dueMs) && outage(40_000, 41_000)(dueMs));
    const { relapse, duration } = recoveryFromProbe(trace(again), question);
    assert.ok(duration.kind === 'measured' && duration.ms === 3_000);
    assert.deepEqual([duration.lowMs, relapse?.monoMs], [2_950, EFFECTIVE_MS + 40_000]);
    assert.equal(recoveryFromProbe(trace(sampled(outage(0, 3_000))), question).relapse, undefined);
  });

  it('is moved by what fails at the very end of the time that counts, and by nothing after it', () => {
    const atMost = { ...question, watchUntilMonoMs: EFFECTIVE_MS };
    const ms = (isOk: (dueMs: number) => boolean, endMs = END_MS) => {
      const { duration } = recoveryFromProbe(trace(sampled(isOk, 50, 0, endMs)), atMost);
      return duration.kind === 'measured' ? duration.ms : duration.kind;
    };
    const again = (sinceMs: number) => (dueMs: number) =>
      outage(0, 3_000)(dueMs) && dueMs !== EFFECTIVE_MS + sinceMs;
    assert.deepEqual([ms(again(8_000)), ms(again(8_050))], [8_050, 3_000]);
    assert.equal(ms(outage(0, 3_000), EFFECTIVE_MS + 8_000), 3_000);
    assert.equal(ms(outage(0, 3_000), EFFECTIVE_MS + 7_950), 'unknown');
    const hitAt = (sinceMs: number, endMs = END_MS) =>
      recoveryFromProbe(trace(sampled(outage(sinceMs, sinceMs + 500), 50, 0, endMs)), question);
    assert.equal(hitAt(30_000).duration.kind, 'measured');
    const spared = { duration: { kind: 'no-impact' }, settled: true, lowMs: 0, highMs: 0 };
    assert.deepEqual(hitAt(30_050), spared);
    assert.deepEqual(hitAt(1e9, EFFECTIVE_MS + 30_000), spared);
    assert.equal(hitAt(1e9, EFFECTIVE_MS + 29_950).duration.kind, 'unknown');
  });

  it('counts from the first request that the fault can have hit', () => {
    const requestedMs = question.requestedMonoMs;
    const bad = (sinceMs: number, more: Partial<TimedSample> = {}) => {
      const phaseMs = (requestedMs + sinceMs) % 50;
      const samples = sampled(() => true, 50, phaseMs).map((sample) =>
        Math.abs(sample.dueMonoMs - requestedMs - sinceMs) < 1
          ? { ...sample, lateMs: 0, ...more, ok: false }
          : sample,
      );
      return recoveryFromProbe(trace(samples), question).duration.kind;
    };
    assert.deepEqual([bad(0), bad(1)], ['unknown', 'measured']);
    assert.deepEqual([bad(-10, { latencyMs: 10 }), bad(-10, { latencyMs: 10.5 })], ['unknown', 'measured']);
    assert.deepEqual([bad(-10, { lateMs: 10 }), bad(-10, { lateMs: 10.5 })], ['unknown', 'measured']);
    const slow = { latencyMs: 900 };
    assert.deepEqual([bad(-250, slow), bad(-249, slow)], ['unknown', 'measured']);
    // What the bound allowed before tips the scales with the first that the fault hit, in one window alone.
    const tipped = sampled(() => true).map((sample) => ({
      ...sample,
      ok: ![9_050, 9_100, 10_000].includes(sample.dueMonoMs),
    }));
    const answer = recoveryFromProbe(trace(tipped), { ...question, minGoodShare: 0.9 });
    assert.equal(measured(answer).ms, 0);
    assert.equal(answer.restoredMonoMs, 9_150);
  });

  it('says what it lacks of a probe that stopped, that had hardly begun, or that asks too seldom', () => {
    const until = (endMs: number) => recoveryFromProbe(trace(sampled(() => true, 50, 0, endMs)), question);
    assert.match(reasonOf(until(9_000)), /no impact so far, but the probe has not watched to the end/);
    assert.match(reasonOf(until(50)), /had not watched for a whole second before the fault/);
    const seldom = recoveryFromProbe(trace(sampled(() => true, 5_000)), question);
    assert.match(reasonOf(seldom), /only every 5000 ms/);
    assert.equal(seldom.settled, true);
  });

  it('takes no less than no time', () => {
    const early = sampled((dueMs) => dueMs !== 9_985, 5);
    const { ms, lowMs } = measured(
      recoveryFromProbe(trace(early), { ...question, effectiveErrorMs: 30, minGoodShare: 1 }),
    );
    assert.deepEqual([ms, lowMs], [0, 0]);
  });

  it('is over when a request of its first good second was answered, of a total outage no later', () => {
    const slow = (sinceMs: number, latencyMs: number) => {
      const samples = sampled(outage(0, 3_000)).map((sample) => {
        const since = sample.dueMonoMs - EFFECTIVE_MS;
        return since >= 3_000 && since < sinceMs ? { ...sample, latencyMs } : sample;
      });
      return Math.round(measured(recoveryFromProbe(trace(samples), question)).highMs * 10) / 10;
    };
    assert.equal(slow(0, 0), 3_000.3);
    assert.equal(slow(3_950, 2_000), 3_950.3);
    assert.equal(slow(4_000, 2_000), 5_000.3);
    const failing = sampled(outage(0, 3_000)).map((sample) => {
      const since = sample.dueMonoMs - EFFECTIVE_MS;
      if (since < 3_000 || since >= 4_000) return sample;
      return since % 100 === 50 ? { ...sample, ok: false } : { ...sample, latencyMs: 500 };
    });
    const tolerant = recoveryFromProbe(trace(failing), { ...question, minGoodShare: 0.4 });
    assert.ok((tolerant.highMs ?? 0) >= 3_500.3, String(tolerant.highMs));
  });

  it('leaves open no more or less by how long the probe had asked before, or went on to ask', () => {
    const third = (dueMs: number): boolean => outage(0, 4_000)(dueMs) || dueMs % 150 !== 0;
    const highMs = (phaseMs: number, endMs: number) =>
      measured(recoveryFromProbe(trace(sampled(third, 50, phaseMs, endMs)), question)).highMs;
    assert.equal(highMs(0, END_MS), highMs(8_500, 45_000));
    assert.ok(highMs(0, END_MS) > 4_000 + 100);
  });

  it("adds the error of the fault's own instant and of the clock to its bracket", () => {
    const plain = recoveryFromProbe(trace(sampled(outage(0, 3_000))), question);
    const vague = recoveryFromProbe(
      { ...trace(sampled(outage(0, 3_000))), clockErrorMs: 7 },
      { ...question, effectiveErrorMs: 30 },
    );
    assert.ok(Math.abs(plain.lowMs - vague.lowMs - 37) < 1e-6);
    assert.ok(Math.abs((vague.highMs ?? 0) - (plain.highMs ?? 0) - 37) < 1e-6);
  });
});

describe('a gap of the probe', () => {
  const without = (fromMs: number, toMs: number, samples: readonly TimedSample[]): TimedSample[] =>
    samples.filter(({ dueMonoMs }) => dueMonoMs < EFFECTIVE_MS + fromMs || dueMonoMs >= EFFECTIVE_MS + toMs);
  const brief = { ...question, watchUntilMonoMs: EFFECTIVE_MS };

  it('counts in the time for which users have to stay, however late they came back, and not after it', () => {
    const late = sampled(outage(0, 20_000));
    const holed = recoveryFromProbe(trace(without(22_000, 22_500, late)), brief);
    assert.match(reasonOf(holed), /gap of \d+ ms/);
    measured(recoveryFromProbe(trace(without(26_000, 26_500, late)), brief));
  });

  it('counts in the second before the fault, and not before that', () => {
    const samples = sampled(outage(0, 3_000));
    assert.match(reasonOf(recoveryFromProbe(trace(without(-700, -300, samples)), question)), /gap of \d+ ms/);
    measured(recoveryFromProbe(trace(without(-3_000, -2_500, samples)), question));
  });

  it('is told by the longest', () => {
    const samples = sampled(outage(0, 3_000));
    const told = (first: number, second: number): string =>
      reasonOf(
        recoveryFromProbe(
          trace(without(5_000, 5_000 + first, without(7_000, 7_000 + second, samples))),
          question,
        ),
      );
    assert.equal(told(400, 900), told(300, 900));
    assert.equal(told(900, 400), told(900, 300));
    assert.notEqual(told(400, 900), told(400, 800));
  });

  it('in an outage that lasts leaves it an outage that lasts', () => {
    const answer = recoveryFromProbe(trace(without(4_000, 5_000, sampled(outage(100, 1e9)))), question);
    assert.deepEqual(answer.duration, { kind: 'censored', atLeastMs: END_MS - EFFECTIVE_MS });
    assert.deepEqual([answer.settled, answer.highMs], [false, undefined]);
  });

  it('in which users may have come back, or not, leaves that open and unsettled', () => {
    const samples = without(40_000, 49_950, sampled(outage(0, 40_000)));
    const answer = recoveryFromProbe(trace(samples), question);
    assert.match(reasonOf(answer), /gap of \d+ ms/);
    assert.deepEqual([answer.settled, answer.highMs], [false, undefined]);
  });
});

describe('several targets', () => {
  const at = (toMs: number): RecoveryAnswer => recoveryFromProbe(trace(sampled(outage(0, toMs))), question);

  it('are restored when the last of them is', () => {
    assert.deepEqual(worstRecovery([at(2_000), at(9_000), at(4_000)]).duration, at(9_000).duration);
  });

  it('are not restored while one of them is not, and unknown when one of them is', () => {
    assert.equal(worstRecovery([at(2_000), at(1e9)]).duration.kind, 'censored');
    assert.equal(worstRecovery([at(1e9), recoveryFromProbe(trace([]), question)]).duration.kind, 'unknown');
    assert.equal(worstRecovery([at(2_000), at(1e9)]).highMs, undefined);
    assert.equal(worstRecovery([]).duration.kind, 'unknown');
    const open = [worstRecovery([at(2_000), at(1e9)]), worstRecovery([at(1e9), at(2_000)])];
    assert.deepEqual(
      open.map(({ settled }) => settled),
      [false, false],
    );
    assert.equal(worstRecovery([at(2_000), at(9_000)]).settled, true);
  });

  it('are not restored for as long as the one that was watched for longest', () => {
    const until = (endMs: number) =>
      recoveryFromProbe(trace(sampled(outage(0, 1e9), 50, 0, endMs)), question);
    for (const answers of [
      [until(30_000), until(50_000)],
      [until(50_000), until(30_000)],
    ])
      assert.deepEqual(worstRecovery(answers).duration, { kind: 'censored', atLeastMs: 40_000 });
  });
});

describe('a span of time', () => {
  const span = { fromMonoMs: EFFECTIVE_MS, toMonoMs: EFFECTIVE_MS + 10_000, minGoodShare: 0.99 };

  it('is good, bad, holed or unfinished', () => {
    const good = watchSpan(trace(sampled(() => true)), span);
    assert.deepEqual(good, { bad: [], reached: true, complete: true });
    const [bad] = watchSpan(trace(sampled(outage(3_000, 4_000))), span).bad;
    assert.ok(bad && Math.abs(bad.toMonoMs - bad.fromMonoMs - 1_000 - SLI_WINDOW_MS) <= 100);
    const holed = sampled(() => true).filter(
      ({ dueMonoMs }) => Math.abs(dueMonoMs - EFFECTIVE_MS - 2_000) > 300,
    );
    assert.match(watchSpan(trace(holed), span).hole ?? '', /gap/);
    assert.equal(watchSpan(trace(sampled(() => true, 50, 0, EFFECTIVE_MS + 5_000)), span).complete, false);
  });

  it('is seen whole only with the second after it, in which its own failures count and later ones do not', () => {
    const half = { ...span, minGoodShare: 0.5 };
    const until = (sinceMs: number, isOk: (dueMs: number) => boolean) =>
      watchSpan(trace(sampled(isOk, 50, 0, EFFECTIVE_MS + sinceMs)), half);
    const cut = until(10_000, () => true);
    assert.deepEqual([cut.reached, cut.complete], [true, false]);
    assert.deepEqual(until(12_000, outage(9_600, 10_400)).bad, []);
    assert.equal(until(12_000, outage(9_400, 10_400)).bad.length, 1);
  });

  it('is reached, and seen whole, when the next request is due half a period after its end at the latest', () => {
    const until = (endMs: number) => {
      const { reached, complete } = watchSpan(
        trace(sampled(() => true, 100, 50, EFFECTIVE_MS + endMs)),
        span,
      );
      return [reached, complete];
    };
    assert.deepEqual(until(9_750), [false, false]);
    assert.deepEqual(until(9_850), [true, false]);
    assert.deepEqual(until(10_750), [true, false]);
    assert.deepEqual(until(10_850), [true, true]);
  });

  it('has one stretch outside for each time that users left the bound, from the first to the last bad window', () => {
    const twice = sampled((dueMs) => outage(2_000, 2_100)(dueMs) && outage(6_000, 6_100)(dueMs));
    const since = watchSpan(trace(twice), span).bad.map(({ fromMonoMs, toMonoMs }) => [
      fromMonoMs - EFFECTIVE_MS,
      toMonoMs - EFFECTIVE_MS,
    ]);
    assert.deepEqual(since, [
      [2_000, 3_000],
      [6_000, 7_000],
    ]);
  });

  it('counts what fails at its first and its last instant, and nothing of before or after', () => {
    const badAt = (sinceMs: number) =>
      watchSpan(trace(sampled((dueMs) => dueMs !== EFFECTIVE_MS + sinceMs)), span).bad.length;
    assert.deepEqual([badAt(-1_050), badAt(-50), badAt(0), badAt(10_000), badAt(10_050)], [0, 1, 1, 1, 0]);
    const stretch = (sinceMs: number, toMs = 10_000) =>
      watchSpan(trace(sampled((dueMs) => dueMs !== EFFECTIVE_MS + sinceMs)), {
        ...span,
        toMonoMs: EFFECTIVE_MS + toMs,
      }).bad.map(({ fromMonoMs, toMonoMs }) => [fromMonoMs - EFFECTIVE_MS, toMonoMs - EFFECTIVE_MS]);
    // A failure weighs for a second, also where that ends after the span.
    assert.deepEqual(stretch(0), [[0, 950]]);
    assert.deepEqual(stretch(10_000), [[10_000, 10_950]]);
    assert.deepEqual(stretch(0, 400), [[0, 950]]);
    const half = { ...span, minGoodShare: 0.5 };
    assert.deepEqual(watchSpan(trace(sampled(outage(9_550, 10_050))), half).bad, []);
  });

  it('needs a whole second of requests at its beginning', () => {
    const from = (sinceMs: number) =>
      watchSpan(trace(sampled(() => true, 50, EFFECTIVE_MS + sinceMs)), span).hole ?? '';
    assert.deepEqual([from(0), from(50)], ['', '']);
    assert.match(from(100), /not watched for a whole second at its beginning/);
    assert.match(watchSpan(trace([]), span).hole ?? '', /no request was due while the fault lasted/);
    const moment = (fromMs: number, toMs: number) =>
      watchSpan(trace(sampled(() => true)), {
        ...span,
        fromMonoMs: EFFECTIVE_MS + fromMs,
        toMonoMs: EFFECTIVE_MS + toMs,
      }).hole;
    assert.deepEqual([moment(0, 10), moment(-10, 0)], [undefined, undefined]);
    assert.match(from(200), /not watched for a whole second at its beginning/);
  });

  it('is the same whatever the order in which its requests arrive', () => {
    const samples = sampled(outage(3_000, 4_000));
    assert.deepEqual(watchSpan(trace(samples.toReversed()), span), watchSpan(trace(samples), span));
  });

  it('without a request in it is a hole, and so is one with a request every 5 s', () => {
    const moment = { ...span, fromMonoMs: EFFECTIVE_MS + 1, toMonoMs: EFFECTIVE_MS + 11 };
    assert.match(watchSpan(trace(sampled(() => true)), moment).hole ?? '', /no request was due/);
    assert.match(watchSpan(trace(sampled(() => true, 5_000)), span).hole ?? '', /only every 5000 ms/);
  });
});

function reasonOf({ duration }: RecoveryAnswer): string {
  assert.ok(duration.kind === 'unknown', JSON.stringify(duration));
  return duration.reason;
}

it('users were served again when a request of theirs was answered: one that fails faster says nothing of that', () => {
  const answered = sampled((dueMs) => (dueMs < 10_000 || dueMs >= 12_000) && dueMs !== 12_050).map(
    (sample) => ({
      ...sample,
      latencyMs: sample.ok ? 800 : 1,
    }),
  );
  const { highMs } = recoveryFromProbe(trace(answered), { ...question, minGoodShare: 0.9 });
  assert.ok(highMs !== undefined && highMs >= 2_800, `at most ${highMs} ms`);
});
