import { DEFAULT_NODE_POLICY, type NodePolicy } from '../../policy/node-policy.ts';
import type { World } from './blow.ts';
import { calmDown, MISFORTUNES } from './misfortunes.ts';
import { scheduleOf, type Scheduled, type ScheduleOptions } from './schedule.ts';
import { SimClock } from './sim-clock.ts';
import { SimCluster } from './sim-cluster.ts';
import { SimElection } from './sim-election.ts';
import { SimHealer, type Sabotage } from './sim-healer.ts';
import { SimRandom } from './sim-random.ts';
import { SimReferee } from './sim-referee.ts';

export interface SimulationOptions extends ScheduleOptions {
  /** What befalls this run, instead of what its seed draws. */
  readonly schedule?: readonly Scheduled[];
  readonly sabotage?: Sabotage;
}

export interface SimulationResult {
  readonly violations: readonly string[];
  readonly actions: number;
  /** What healers told that they would not do, although something ought to be done. */
  readonly refusals: number;
  readonly happened: readonly string[];
  readonly log: readonly string[];
}

const NODES = 5;
const PODS = 6;
const CALM_FROM_MS = 48_000;
const END_MS = 105_000;

/** One run: a cluster, two healers, misfortunes drawn from the seed, then quiet, then the reckoning. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const random = new SimRandom(options.seed);
  const clock = new SimClock();
  const cluster = new SimCluster(clock, random, options.sabotage?.blindToZones !== true);
  const log: string[] = [];
  const happened: string[] = [];
  let refusals = 0;
  const note = (line: string): void => {
    log.push(`${(clock.now().monoMs / 1000).toFixed(3)} ${line}`);
  };
  const policy: NodePolicy = {
    ...DEFAULT_NODE_POLICY,
    mode: 'act',
    coolDownMs: 3000,
    movedWithinMs: 15_000,
    replacementDeadlineMs: 20_000,
    readyForMs: 5000,
    cordonedSilentMs: 5000,
    budgetPerNode: 100,
    budgetPerPool: 100,
    // Asked more often, healthy kubelets would be most of a run's work.
    calmProbeLeastMs: 5000,
    ...options.sabotage?.policy,
  };
  const healers = new Map<string, SimHealer>();
  const referee = new SimReferee(cluster, policy);
  const election = new SimElection(cluster, () => [...healers.values()]);
  referee.isHeard = (machine) =>
    [...healers.values()].some((healer) => healer.upForMs > 5000 && cluster.reaches(healer.name, machine));
  const events = { dropped: random.between(0, 0.2), replayed: random.between(0, 0.2) };
  cluster.onNode = (change) => {
    for (const healer of healers.values()) healer.hear(change);
  };
  cluster.onLease = (lease) => {
    for (const healer of healers.values()) healer.hearLease(lease.metadata.name);
  };
  for (let number = 0; number < NODES; number++) cluster.addMachine();
  for (let number = 0; number < PODS; number++) cluster.addPod(`pod-${number}`);
  const start = (name: string): void => {
    healers.set(
      name,
      new SimHealer({
        name,
        cluster,
        referee,
        election,
        policy,
        events,
        sabotage: options.sabotage ?? {},
        others: () => [...healers.values()].filter((healer) => healer.name !== name),
        log: note,
        onRefusal: () => refusals++,
      }),
    );
  };
  start('healer-a');
  start('healer-b');
  const keepRunning = (): void => {
    for (const [name, healer] of healers) if (healer.ended && random.chance(0.3)) start(name);
    clock.after(500, keepRunning);
  };
  keepRunning();

  const schedule = options.schedule ?? scheduleOf(options);
  const world: World = {
    cluster,
    referee,
    election,
    healers,
    calmFromMs: CALM_FROM_MS,
    isAlone: schedule.length === 1,
  };
  for (const each of schedule) {
    clock.after(each.atMs, () => {
      const subject = strike(each);
      happened.push(`${each.misfortune} ${subject}`);
      note(`*** ${each.misfortune} ${subject}`);
    });
  }
  clock.after(CALM_FROM_MS, () => {
    note('*** calm');
    calmDown(world);
  });
  await clock.runUntil(END_MS);
  referee.calm();
  for (const healer of healers.values()) healer.crash();
  await clock.runUntil(END_MS + 3000);
  const { violations, actions } = referee;
  return { violations, actions, refusals, happened, log };

  function strike({ misfortune, forMs, lot }: Scheduled): string {
    const drawn = new SimRandom(lot);
    const machine = drawn.pick([...cluster.machines.values()].filter((each) => !each.retired));
    const healer = drawn.pick([...healers.values()]);
    return MISFORTUNES[misfortune]({ world, machine, healer, forMs });
  }
}
