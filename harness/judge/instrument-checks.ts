import { formatDuration } from '../core/duration.ts';
import { entriesOf, type Entry } from '../core/journal/journal.ts';
import { timelineOf } from '../core/recovery/marks.ts';
import type { Finding } from '../core/verdict.ts';
import { lagWithin, type TrialFacts } from '../core/recovery/trial-facts.ts';
import { lateProbes, STANDSTILL_MS } from './starvation.ts';
import { inconclusive, type Check } from './check.ts';
import { largest } from '../core/extremes.ts';

/** What a late timer adds to the instant of the fault is stated with the figure; more than this spoils it. */
const LAG_LIMIT_MS = 250;
/** Unix time may drift against CLOCK_MONOTONIC while it is slewed, by at most 500 parts per million. */
const SLEW_SHARE = 0.0005;
const WALL_STEP_MS = 100;

/** One instant by both clocks. */
type Instant = Pick<Entry, 'monoMs' | 'wallMs'>;

/** The harness's own timers were late where it stamped what the verdict rests on, or it stood still altogether. */
export const checkHarnessLag: Check = {
  name: 'harness-lag',
  run: (facts) => {
    const [fault] = facts.injections;
    const worstMs = lagWithin(facts, judgedFrom(facts), judgedUntil(facts));
    if (worstMs > STANDSTILL_MS) {
      return [
        inconclusive('harness-lag', `the harness had no CPU: a timer came ${formatDuration(worstMs)} late`),
      ];
    }
    if (fault?.effective === undefined) return [];
    const lagMs = lagWithin(facts, fault.requestedMonoMs, fault.effective.effectiveMonoMs);
    if (lagMs <= LAG_LIMIT_MS) return [];
    const late = `a timer came ${formatDuration(lagMs)} late`;
    return [inconclusive('harness-lag', `the harness had no CPU when the fault took effect: ${late}`)];
  },
};

/** When the time begins that the verdict is about. */
function judgedFrom({ injections, claims, firstMonoMs }: TrialFacts): number {
  return injections[0]?.requestedMonoMs ?? claims[0]?.monoMs ?? firstMonoMs;
}

/**
 * The probe's own requests were late: it measured its own lack of CPU. How late those at the edges of the recovery were
 * is part of its error; this is about one in twenty of all of them.
 */
export const checkProbeLateness: Check = {
  name: 'probe-lateness',
  run: (facts) => {
    return lateProbes(facts, judgedFrom(facts), judgedUntil(facts)).map((reason) =>
      inconclusive('probe-lateness', reason),
    );
  },
};

/** Unix time stepped or the machine was suspended: PromQL and the other clocks no longer share an axis. */
export const checkClocks: Check = {
  name: 'clock',
  run: (facts) => {
    const stepped = entriesOf(facts.entries, 'clock.step').find(
      (step) => Math.abs(step.steppedMs) > WALL_STEP_MS,
    );
    if (stepped !== undefined) {
      return [
        inconclusive(
          'clock',
          `Unix time stepped by ${formatDuration(stepped.steppedMs)}, or the machine was suspended`,
        ),
      ];
    }
    const [first] = facts.entries;
    if (first === undefined) return [];
    const effects = entriesOf(facts.entries, 'fault.effective').map((effect) => ({
      monoMs: effect.effectiveMonoMs,
      wallMs: effect.effectiveWallMs,
    }));
    const isOff = (at: Instant): boolean => hasMoved(sinceFirst(first, at), at.monoMs - first.monoMs);
    const off = facts.entries.find(isOff) ?? effects.find(isOff);
    if (off === undefined) return movedProbes(facts);
    const moved = formatDuration(sinceFirst(first, off));
    return [inconclusive('clock', `Unix time moved by ${moved} against the monotonic clock`)];
  },
};

function sinceFirst(first: Instant, { wallMs, monoMs }: Instant): number {
  return wallMs - monoMs - (first.wallMs - first.monoMs);
}

/** More than two clocks may drift apart in this time. */
function hasMoved(byMs: number, withinMs: number): boolean {
  return Math.abs(byMs) > WALL_STEP_MS + SLEW_SHARE * withinMs;
}

/** A probe on another machine whose clock was another one at the end than at the beginning: nobody knows since when. */
function movedProbes({ entries }: TrialFacts): Finding[] {
  const byTarget = Map.groupBy(entriesOf(entries, 'probe.clock'), ({ target }) => target);
  return [...byTarget].flatMap(([target, [first, ...later]]) => {
    const moved = later.find(
      ({ offsetMs, monoMs }) =>
        first !== undefined && hasMoved(offsetMs - first.offsetMs, monoMs - first.monoMs),
    );
    if (first === undefined || moved === undefined) return [];
    const by = formatDuration(moved.offsetMs - first.offsetMs);
    return [inconclusive('clock', `the clock of the probe of ${target} moved by ${by} against ours`)];
  });
}

/** What happens after users were restored for good, or after the scenario ended, spoils nothing. */
function judgedUntil(facts: TrialFacts): number {
  const restored = timelineOf(facts).marks.find((mark) => mark.name === 'restored');
  const stableForMs = largest(
    facts.claims.map((claim) => claim.stableForMs),
    0,
  );
  return restored === undefined ? facts.lastMonoMs : restored.monoMs + stableForMs;
}
