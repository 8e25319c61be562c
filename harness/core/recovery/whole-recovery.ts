import {
  dueOf,
  firstBad,
  firstGood,
  slidingWindows,
  type SliWindow,
  type TimedSample,
} from './probe-windows.ts';
import type { AssumedSample } from './missing-samples.ts';
import { unseenPeriods } from './unseen-outage.ts';
import { smallest } from '../extremes.ts';
import { lastPossibleLeftEdge, relapseAfter } from './recovery-limits.ts';
import {
  stableUntil,
  unknownRecovery,
  type RecoveryAnswer,
  type RecoveryQuestion,
} from './recovery-question.ts';
import { given } from '../given.ts';

/**
 * Restored is the left edge of the first window of the stable run: the first good request from which on every
 * trailing second stays inside the bound for `stableForMs`, and until the limit of the claim where that is later. A
 * violation within that time moves it; so more failures never make a recovery shorter.
 */
export function wholeRecovery(trace: WholeTrace, question: RecoveryQuestion): RecoveryAnswer {
  const { samples } = trace;
  const last = samples.at(-1);
  if (last === undefined) return unknownRecovery('the probe sent no request', false);
  const windows = slidingWindows(samples, trace.periodMs, question.minGoodShare);

  const hit = firstToBeHit(samples, question.requestedMonoMs);
  const before = windows.findLast((window) => window.last < hit);
  if (before === undefined) {
    return unknownRecovery('the probe had not watched for a whole second before the fault', true);
  }
  if (!before.inside)
    return unknownRecovery('users were outside the bound before the fault was injected', true);

  const impact = windows.findIndex((window) => !window.inside && window.last >= hit);
  const impactWindow = windows[impact];
  const untilMs = stableUntil(question, question.effectiveMonoMs);
  if (impactWindow === undefined || dueOf(samples, impactWindow.last) > untilMs) {
    return last.dueMonoMs < untilMs
      ? unknownRecovery(
          'no impact so far, but the probe has not watched to the end of the time allowed',
          false,
        )
      : { duration: { kind: 'no-impact' }, settled: true, lowMs: 0, highMs: 0 };
  }
  return afterImpact({ trace, question, windows, impact, impactWindow });
}

/** A request that is under way for longer was slow for a reason of its own. */
const UNDER_WAY_MS = 250;

/** The first request that the fault can have hit: one that was due later, or was under way when the fault was asked for. */
function firstToBeHit(samples: readonly TimedSample[], requestedMonoMs: number): number {
  const hit = samples.findIndex((sample) => {
    const { dueMonoMs } = sample;
    const isUnderWay = answeredAt(sample) > requestedMonoMs && dueMonoMs > requestedMonoMs - UNDER_WAY_MS;
    return dueMonoMs > requestedMonoMs || isUnderWay;
  });
  return hit === -1 ? samples.length : hit;
}

function answeredAt({ dueMonoMs, lateMs, latencyMs = 0 }: TimedSample): number {
  return dueMonoMs + lateMs + latencyMs;
}

/** Every request that was due, in order of due instants. */
interface WholeTrace {
  readonly samples: readonly AssumedSample[];
  readonly periodMs: number;
  readonly clockErrorMs: number;
}

interface Impact {
  readonly trace: WholeTrace;
  readonly question: RecoveryQuestion;
  readonly windows: readonly SliWindow[];
  readonly impact: number;
  readonly impactWindow: SliWindow;
}

function afterImpact(seen: Impact): RecoveryAnswer {
  const { question, trace } = seen;
  const { samples, periodMs } = trace;
  const impactMonoMs = dueOf(samples, firstBad(samples, seen.impactWindow));
  const lastDueMs = dueOf(samples, samples.length - 1);
  const errorMs = question.effectiveErrorMs + trace.clockErrorMs;
  const since = (monoMs: number): number => Math.max(0, monoMs - question.effectiveMonoMs);
  const run = stableRun(seen);
  const restored = run === undefined ? undefined : samples[run.first];

  if (run === undefined || restored === undefined) {
    const edgeMs = lastPossibleLeftEdge(samples, question.minGoodShare, periodMs);
    const duration = { kind: 'censored', atLeastMs: since(edgeMs) } as const;
    return { duration, settled: false, lowMs: Math.max(0, since(edgeMs) - errorMs), impactMonoMs };
  }

  const restoredMs = restored.dueMonoMs;
  const previousBad = samples.findLast((sample) => !sample.ok && sample.dueMonoMs < restoredMs);
  const lowMs = Math.max(0, since(previousBad?.dueMonoMs ?? restoredMs) - errorMs);
  const stableUntilMs = stableUntil(question, restoredMs);
  if (lastDueMs < stableUntilMs) {
    const watched = `${Math.round(lastDueMs - restoredMs)} of ${Math.round(stableUntilMs - restoredMs)} ms`;
    return {
      ...unknownRecovery(`users seem restored, but were watched for ${watched} since`, false),
      lowMs,
      impactMonoMs,
    };
  }
  const highMs = since(answeredBy(samples, run)) + unseenMs(seen, run) + errorMs;
  const relapse = relapseAfter(samples, seen.windows, stableUntilMs);
  return {
    duration: { kind: 'measured', ms: since(restoredMs), lowMs, highMs },
    settled: true,
    lowMs,
    highMs,
    restoredMonoMs: restoredMs,
    impactMonoMs,
    ...given({ relapse }),
  };
}

/** The first good sample of the run's first window, and the last of that window; undefined while the last window is outside. */
function stableRun({ trace, windows, question, impact }: Impact): StableRun | undefined {
  const { samples } = trace;
  let run: StableRun | undefined;
  for (let index = impact + 1; index < windows.length; index++) {
    const window = windows[index];
    if (window === undefined) break;
    if (run !== undefined && dueOf(samples, window.last) > stableUntil(question, dueOf(samples, run.first)))
      break;
    if (!window.inside) run = undefined;
    else run ??= { first: firstGood(samples, window), last: window.last };
  }
  return run;
}

interface StableRun {
  readonly first: number;
  readonly last: number;
}

/** By then a request of the run was answered: some are sent late or take long. */
function answeredBy(samples: readonly TimedSample[], run: StableRun): number {
  const first = samples.slice(run.first, run.last + 1).filter(({ ok }) => ok);
  return smallest(first.map(answeredAt));
}

/** How much later than at the first request of the run the outage may have ended. What is only assumed has not failed. */
function unseenMs({ trace, question, impactWindow }: Impact, run: StableRun): number {
  const { samples, periodMs } = trace;
  const first = firstBad(samples, impactWindow);
  const last = samples.findLastIndex(({ ok }, index) => !ok && index <= run.last);
  const outage = samples.slice(first, last + 1);
  const periods = unseenPeriods(
    {
      asked: outage.length,
      failed: outage.filter(({ ok, assumed }) => !ok && assumed !== true).length,
      before: samples.slice(0, first).filter(({ dueMonoMs }) => dueMonoMs > question.requestedMonoMs).length,
    },
    1 - question.minGoodShare,
  );
  return Math.max(0, dueOf(samples, last) + periods * periodMs - dueOf(samples, run.first));
}
