import { MISFORTUNES, type Misfortune } from './misfortunes.ts';
import { SimRandom } from './sim-random.ts';

/** One misfortune of a run: when it comes, and for how long, if it passes. */
export interface Scheduled {
  readonly misfortune: Misfortune;
  readonly atMs: number;
  readonly forMs: number;
  /** The seed by which it picks the machine and the healer that it strikes, among those that are there then. */
  readonly lot: number;
}

export interface ScheduleOptions {
  readonly seed: number;
  /** Which misfortunes may come; a few of all when absent. None gives a calm cluster. */
  readonly misfortunes?: readonly Misfortune[] | undefined;
  readonly count?: number | undefined;
}

const LONGEST_MS = 60_000;
export const DURATIONS_MS = [500, 2000, 8000, 20_000, LONGEST_MS] as const;
const ALL = Object.keys(MISFORTUNES) as readonly Misfortune[];
/** What a healer cannot overlook: a machine that is gone for long. */
const LOSSES: readonly Misfortune[] = [
  'power-off',
  'power-off-unseen',
  'zone-power-off',
  'freeze',
  'cable-out',
];
const FAULTS_FROM_MS = 5000;
const LOSS_UNTIL_MS = 20_000;
const FAULTS_UNTIL_MS = 38_000;

/** The misfortunes of a run, drawn from its seed alone: without some of them it is the same run otherwise. */
export function scheduleOf({ seed, misfortunes, count }: ScheduleOptions): readonly Scheduled[] {
  const random = new SimRandom(~seed);
  if (misfortunes !== undefined) {
    const wanted = misfortunes.length === 0 ? 0 : (count ?? random.whole(1, 5));
    return Array.from({ length: wanted }, () => draw(random, misfortunes));
  }
  // Few kinds that meet often, rather than all of them that hardly do; and in nearly every run something to heal.
  const mix = Array.from({ length: random.whole(1, 3) }, () => random.pick(ALL));
  const others = Array.from({ length: random.whole(0, 6) }, () => draw(random, mix));
  if (random.chance(0.05)) return others;
  const atMs = Math.round(random.between(FAULTS_FROM_MS, LOSS_UNTIL_MS));
  return [{ ...draw(random, LOSSES), atMs, forMs: LONGEST_MS }, ...others];
}

function draw(random: SimRandom, kinds: readonly Misfortune[]): Scheduled {
  return {
    misfortune: random.pick(kinds),
    atMs: Math.round(random.between(FAULTS_FROM_MS, FAULTS_UNTIL_MS)),
    forMs: random.pick(DURATIONS_MS),
    lot: random.whole(0, 999),
  };
}
