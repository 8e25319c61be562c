import type { Duration, Verdict } from '../../harness/core/verdict.ts';

/** The scenario file whose trials give the recoveries of the README. */
export const GOALS = 'scenarios/goals';

/** A recovery that was promised, and where it is measured. */
export interface Goal {
  readonly name: string;
  readonly what: string;
  /** How the title of its trials begins. */
  readonly title: string;
  /** As text, in words of the README's table. */
  readonly target: string;
  readonly of: 'recovery' | 'capacity';
}

const POWER = 'power lost: ';

export const goals: readonly Goal[] = [
  {
    name: 'power-off-users',
    what: 'users restored after the loss of a node',
    title: POWER,
    target: '<= 5 s',
    of: 'recovery',
  },
  {
    name: 'power-off-capacity',
    what: 'all replicas Ready after the loss of a node',
    title: POWER,
    target: '<= 8 s',
    of: 'capacity',
  },
  {
    name: 'leader-users',
    what: "users restored after the loss of the node of the healer's leader",
    title: "power lost, and the healer's leader",
    target: '<= 12 s',
    of: 'recovery',
  },
  {
    name: 'freeze-users',
    what: 'users restored after a node that hangs',
    title: 'a machine that hangs',
    target: '<= 20 s',
    of: 'recovery',
  },
  {
    name: 'cable-users',
    what: 'users restored after a node whose cable is cut',
    title: 'a cable that is cut',
    target: '<= 20 s',
    of: 'recovery',
  },
];

/** The verdicts of a goal's trials. */
export function verdictsOf({ title }: Goal, verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.filter((verdict) => verdict.title.split(' › ').at(-1)?.startsWith(title) === true);
}

/**
 * A goal's figures in seconds, one per conclusive trial: what an inconclusive one has measured is no figure. A recovery that
 * never came is told as one that never ended (infinity), not left out.
 */
export function figuresOf(goal: Goal, verdicts: readonly Verdict[]): readonly number[] {
  return verdictsOf(goal, verdicts)
    .filter(({ outcome }) => outcome !== 'inconclusive')
    .map((verdict) => secondsOf(verdict[goal.of]));
}

function secondsOf(duration: Duration): number {
  if (duration.kind === 'measured') return duration.ms / 1000;
  return duration.kind === 'no-impact' ? 0 : Number.POSITIVE_INFINITY;
}
