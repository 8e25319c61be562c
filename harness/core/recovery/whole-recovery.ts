import {
  dueOf,
  firstBad,
  firstGood,
  slidingWindows,
  type SliWindow,
  type TimedSample,
} from './probe-windows.ts';
import { lastPossibleLeftEdge, luckyStreak, relapseAfter } from './recovery-limits.ts';
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

  const before = windows.findLast((window) => dueOf(samples, window.last) <= question.requestedMonoMs);
  if (before === undefined) {
    return unknownRecovery('the probe had not watched for a whole second before the fault', true);
  }
  if (!before.inside)
    return unknownRecovery('users were outside the bound before the fault was injected', true);

  const impact = windows.findIndex(
    (window) => !window.inside && dueOf(samples, window.last) > question.requestedMonoMs,
  );
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

/** Every request that was due, in order of due instants. */
interface WholeTrace {
  readonly samples: readonly TimedSample[];
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
  const earlyMs = previousBad === undefined ? periodMs : restoredMs - previousBad.dueMonoMs;
  const lateMs = Math.max(restored.lateMs, previousBad?.lateMs ?? 0);
  const luckMs =
    luckyStreak(samples, episodeStart(seen, run.window), previousBad?.dueMonoMs ?? restoredMs) * periodMs;
  const relapse = relapseAfter(samples, seen.windows, stableUntilMs);
  return {
    duration: {
      kind: 'measured',
      ms: since(restoredMs),
      errorMs: earlyMs + lateMs + errorMs,
    },
    settled: true,
    lowMs,
    highMs: since(restoredMs) + lateMs + luckMs + errorMs,
    restoredMonoMs: restoredMs,
    impactMonoMs,
    ...given({ relapse }),
  };
}

/** The run's first window, and its first good sample; undefined while the last window is outside. */
function stableRun({ trace, windows, question, impact }: Impact): StableRun | undefined {
  const { samples } = trace;
  let run: StableRun | undefined;
  for (let index = impact + 1; index < windows.length; index++) {
    const window = windows[index];
    if (window === undefined) break;
    if (run !== undefined && dueOf(samples, window.last) > stableUntil(question, dueOf(samples, run.first)))
      break;
    if (!window.inside) run = undefined;
    else run ??= { window: index, first: firstGood(samples, window) };
  }
  return run;
}

interface StableRun {
  readonly window: number;
  readonly first: number;
}

/** When the last stretch outside of the bound before a window began. */
function episodeStart({ trace, windows }: Impact, window: number): number {
  let index = window;
  while (windows[index - 1]?.inside === false) index--;
  const first = windows[index];
  return first === undefined ? 0 : dueOf(trace.samples, firstBad(trace.samples, first));
}
