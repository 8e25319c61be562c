import { fillMissing, findMissing } from './missing-samples.ts';
import {
  describeGap,
  gapWithin,
  medianPeriodMs,
  SLI_WINDOW_MS,
  tooSeldom,
  type ProbeTrace,
  type TraceGap,
} from './probe-windows.ts';
import {
  stableUntil,
  unknownRecovery,
  type RecoveryAnswer,
  type RecoveryQuestion,
} from './recovery-question.ts';
import { given } from '../given.ts';
import type { Duration } from '../verdict.ts';
import { wholeRecovery } from './whole-recovery.ts';

export type { RecoveryAnswer } from './recovery-question.ts';

/** Up to here the two ends of what missing requests leave open count as one figure with an error. */
const TOLERABLE_MS = 100;
/** A single hiccup of the probe; a longer silence that matters makes the figure unknown. */
const HICCUP_MS = 250;

/**
 * Time from effective to restored. Of requests that are missing nothing is known: the answer is worked out once as if
 * all of them had been good and once as if all had failed, and the truth lies between. Where both ends agree the gap
 * did not matter; where they do not, a hiccup widens the error and a longer gap leaves no figure, only the two ends.
 */
export function recoveryFromProbe(trace: ProbeTrace, question: RecoveryQuestion): RecoveryAnswer {
  const periodMs = medianPeriodMs([...trace.samples].sort((a, b) => a.dueMonoMs - b.dueMonoMs));
  const seldom = tooSeldom(periodMs);
  if (seldom !== undefined) return unknownRecovery(seldom, true);
  const partial = findMissing(trace, periodMs);
  const answer = (ok: boolean): RecoveryAnswer =>
    wholeRecovery(
      { samples: fillMissing(partial, periodMs, ok), periodMs, clockErrorMs: trace.clockErrorMs },
      question,
    );
  const best = answer(true);
  const untilMs = stableUntil(question, best.restoredMonoMs ?? question.effectiveMonoMs);
  const longest = partial.holes
    .filter((hole) => gapWithin([hole], question.requestedMonoMs - SLI_WINDOW_MS, untilMs) !== undefined)
    .sort((a, b) => b.toMonoMs - b.fromMonoMs - (a.toMonoMs - a.fromMonoMs))[0];
  return longest === undefined ? best : between(best, answer(false), longest, periodMs);
}

/** What is true of both ends. Nothing of it is nearer to the truth than what the whole trace would have said. */
function between(
  best: RecoveryAnswer,
  worst: RecoveryAnswer,
  hole: TraceGap,
  periodMs: number,
): RecoveryAnswer {
  const settled = best.settled && worst.settled;
  const lowMs = Math.min(best.lowMs, worst.lowMs);
  const of = (duration: Duration): RecoveryAnswer =>
    bracketed({ ...best, settled, duration }, lowMs, worst.highMs);
  if (best.duration.kind === 'censored' && worst.duration.kind === 'censored') return of(best.duration);
  if (best.duration.kind === 'measured' && worst.duration.kind === 'measured') {
    const openMs = worst.duration.ms - best.duration.ms;
    const holeMs = hole.toMonoMs - hole.fromMonoMs + periodMs;
    if (openMs <= TOLERABLE_MS || holeMs <= HICCUP_MS) return of(best.duration);
  }
  return of({ kind: 'unknown', reason: describeGap(hole) });
}

/** The worst of several targets: users are restored when the last of them is. */
export function worstRecovery(answers: readonly RecoveryAnswer[]): RecoveryAnswer {
  const [first, ...rest] = answers;
  if (first === undefined) return unknownRecovery('the probe sent no request', false);
  return rest.reduce((worst, answer) => {
    const settled = worst.settled && answer.settled;
    const lowMs = Math.max(worst.lowMs, answer.lowMs);
    const decisive = severity(answer) > severity(worst) ? answer : worst;
    const highMs =
      worst.highMs === undefined || answer.highMs === undefined
        ? undefined
        : Math.max(worst.highMs, answer.highMs);
    return bracketed({ ...decisive, settled }, lowMs, highMs);
  }, first);
}

/** The answer with this bracket, which is printed with the figure, too. */
function bracketed(answer: RecoveryAnswer, lowMs: number, highMs: number | undefined): RecoveryAnswer {
  const { duration } = answer;
  const isMeasured = duration.kind === 'measured' && highMs !== undefined;
  return given({
    ...answer,
    duration: isMeasured ? { ...duration, lowMs, highMs } : duration,
    lowMs,
    highMs,
  });
}

function severity(answer: RecoveryAnswer): number {
  switch (answer.duration.kind) {
    case 'no-impact':
      return -1;
    case 'measured':
      return answer.duration.ms;
    case 'censored':
      return 1e12 + answer.duration.atLeastMs;
    case 'unknown':
      return 1e15;
  }
}
