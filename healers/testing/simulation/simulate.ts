import { DEFAULT_NODE_POLICY, type NodePolicy } from '../../policy/node-policy.ts';
import { OPT_OUT_LABEL } from '../../node/remediation.ts';
import { PAUSE_ANNOTATION } from '../../cluster/pause-watch.ts';
import { SimClock } from './sim-clock.ts';
import { SimCluster, type SimMachine } from './sim-cluster.ts';
import { SimMachines } from './sim-doors.ts';
import { SimElection } from './sim-election.ts';
import { SimHealer, type Sabotage } from './sim-healer.ts';
import { SimRandom } from './sim-random.ts';
import { SimReferee } from './sim-referee.ts';

/** What may befall a simulated cluster. Each run takes some of them, at its own times. */
const MISFORTUNES = [
  'power-off',
  'power-off-unseen',
  'zone-power-off',
  'zone-switch-breaks',
  'freeze',
  'cable-out',
  'kubelet-hidden-from-one',
  'node-api-cut',
  'all-nodes-api-cut',
  'healer-crash',
  'healer-crash-at-change',
  'healer-api-cut',
  'healer-machines-cut',
  'healer-disk-full',
  'machines-throttled',
  'machine-lies-off',
  'split-leadership',
  'person-cordons',
  'person-races-us',
  'person-uncordons',
  'person-powers-on',
  'power-returns',
  'opt-out',
  'pause',
] as const;
export type Misfortune = (typeof MISFORTUNES)[number];

export interface SimulationOptions {
  readonly seed: number;
  /** Which misfortunes may come; all when absent. None gives a calm cluster. */
  readonly misfortunes?: readonly Misfortune[];
  readonly count?: number | undefined;
  readonly sabotage?: Sabotage;
}

export interface SimulationResult {
  readonly violations: readonly string[];
  readonly actions: number;
  readonly happened: readonly string[];
  readonly log: readonly string[];
}

const NODES = 5;
const PODS = 6;
const FAULTS_FROM_MS = 5000;
const FAULTS_UNTIL_MS = 38_000;
const CALM_FROM_MS = 48_000;
const END_MS = 105_000;
/** Within which the pods of a lost zone run elsewhere. */
const ZONE_RESTORED_MS = 20_000;

/** One run: a cluster, two healers, misfortunes drawn from the seed, then quiet, then the reckoning. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const random = new SimRandom(options.seed);
  const clock = new SimClock();
  const cluster = new SimCluster(clock, random, options.sabotage?.blindToZones !== true);
  const log: string[] = [];
  const happened: string[] = [];
  const note = (line: string): void => {
    log.push(`${(clock.now().monoMs / 1000).toFixed(3)} ${line}`);
  };
  const policy: NodePolicy = {
    ...DEFAULT_NODE_POLICY,
    mode: 'act',
    coolDownMs: 3000,
    readyForMs: 5000,
    cordonedSilentMs: 5000,
    budgetPerNode: 100,
    budgetPerPool: 100,
    ...options.sabotage?.policy,
  };
  const healers = new Map<string, SimHealer>();
  const referee = new SimReferee(cluster);
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

  const chosen = options.misfortunes ?? MISFORTUNES;
  const count = chosen.length === 0 ? 0 : (options.count ?? random.whole(1, 5));
  for (let number = 0; number < count; number++) {
    const misfortune = random.pick(chosen);
    clock.after(random.between(FAULTS_FROM_MS, FAULTS_UNTIL_MS), () => {
      const subject = strike(misfortune);
      happened.push(`${misfortune} ${subject}`);
      note(`*** ${misfortune} ${subject}`);
    });
  }
  clock.after(CALM_FROM_MS, () => {
    note('*** calm');
    calmDown();
  });
  await clock.runUntil(END_MS);
  referee.calm();
  for (const healer of healers.values()) healer.crash();
  await clock.runUntil(END_MS + 3000);
  return { violations: referee.violations, actions: referee.actions, happened, log };

  function strike(misfortune: Misfortune): string {
    const machine = random.pick([...cluster.machines.values()].filter((each) => !each.retired));
    const healer = random.pick([...healers.values()]);
    const forMs = random.pick([500, 2000, 8000, 20_000, 60_000]);
    switch (misfortune) {
      case 'power-off':
        cluster.setPower(machine, false);
        return machine.name;
      case 'power-off-unseen':
        // An interface that has seen it go off before does not take it for on.
        if (machine.powered) machine.claims = 'on';
        cluster.setPower(machine, false);
        return machine.name;
      case 'zone-power-off': {
        const machines = zoneOf(machine);
        for (const each of machines) cluster.setPower(each, false);
        // Where nothing else befalls the cluster, it has all that it needs.
        if (count === 1) clock.after(ZONE_RESTORED_MS, () => referee.zoneLost(machine.zone));
        return machines.map(({ name }) => name).join(' ');
      }
      case 'zone-switch-breaks': {
        const machines = zoneOf(machine);
        for (const each of machines) pullCable(each, forMs);
        return `${machines.map(({ name }) => name).join(' ')} for ${forMs}`;
      }
      case 'freeze':
        machine.frozen = true;
        undoLater(forMs, () => {
          machine.frozen = false;
          cluster.reconnect(machine);
        });
        return `${machine.name} for ${forMs}`;
      case 'cable-out':
        pullCable(machine, forMs);
        return `${machine.name} for ${forMs}`;
      case 'kubelet-hidden-from-one':
        machine.hiddenFrom.add(healer.name);
        undoLater(forMs, () => machine.hiddenFrom.delete(healer.name));
        return `${machine.name} from ${healer.name} for ${forMs}`;
      case 'node-api-cut':
        cutFromApi([machine], forMs);
        return `${machine.name} for ${forMs}`;
      case 'all-nodes-api-cut': {
        cutFromApi([...cluster.machines.values()], forMs);
        // What cuts the nodes off often hides them from one healer, too.
        if (random.chance(0.5))
          for (const each of cluster.machines.values()) each.hiddenFrom.add(healer.name);
        return `for ${forMs}`;
      }
      case 'healer-crash':
        healer.crash();
        return healer.name;
      case 'healer-crash-at-change': {
        const changes = random.whole(1, 16);
        for (const each of healers.values()) each.crashAfter(changes);
        cluster.setPower(machine, false);
        return `at change ${changes}, ${machine.name} off`;
      }
      case 'healer-api-cut':
        healer.line.apiCut = true;
        undoLater(forMs, () => (healer.line.apiCut = false));
        return `${healer.name} for ${forMs}`;
      case 'healer-machines-cut':
        healer.line.machinesCut = true;
        undoLater(forMs, () => (healer.line.machinesCut = false));
        return `${healer.name} for ${forMs}`;
      case 'healer-disk-full':
        healer.line.diskFull = true;
        undoLater(forMs, () => (healer.line.diskFull = false));
        return `${healer.name} for ${forMs}`;
      case 'machines-throttled':
        SimMachines.throttledUntilMs.set(cluster, cluster.nowMs + Math.min(forMs, 20_000));
        return `for ${forMs}`;
      case 'machine-lies-off':
        machine.claims = 'off';
        undoLater(forMs, () => (machine.claims = undefined));
        return `${machine.name} for ${forMs}`;
      case 'split-leadership':
        election.splitUntilMs = cluster.nowMs + forMs;
        return `for ${forMs}`;
      case 'person-cordons':
        cordon(machine, true);
        return machine.name;
      case 'person-races-us':
        // Just when the next patch is on its way: the plan was made from a node that nobody had cordoned.
        for (const each of healers.values()) {
          each.line.beforePatch = (name) => {
            each.line.beforePatch = () => undefined;
            const raced = cluster.machines.get(name);
            if (raced !== undefined) cordon(raced, true);
          };
        }
        return 'at the next patch';
      case 'person-uncordons':
        cordon(machine, false);
        return machine.name;
      case 'person-powers-on': {
        const off = [...cluster.machines.values()].find((each) => !each.powered && !each.retired) ?? machine;
        cluster.setPower(off, true);
        return off.name;
      }
      case 'power-returns':
        machine.powerReturnsAfterMs.push(
          ...Array.from({ length: random.whole(1, 2) }, () => random.between(20, 8000)),
        );
        return machine.name;
      case 'opt-out':
      case 'pause':
        mark(machine, misfortune);
        return machine.name;
    }
  }

  function undoLater(afterMs: number, undo: () => void): void {
    clock.after(Math.min(afterMs, CALM_FROM_MS - cluster.nowMs), undo);
  }

  function zoneOf({ zone }: SimMachine): readonly SimMachine[] {
    return [...cluster.machines.values()].filter((each) => each.zone === zone && !each.retired);
  }

  function pullCable(machine: SimMachine, forMs: number): void {
    machine.cableOut = true;
    undoLater(forMs, () => {
      machine.cableOut = false;
      cluster.reconnect(machine);
    });
  }

  function cutFromApi(machines: readonly SimMachine[], forMs: number): void {
    for (const machine of machines) {
      machine.apiCut = true;
      undoLater(forMs, () => {
        machine.apiCut = false;
        cluster.reconnect(machine);
      });
    }
  }

  function cordon(machine: SimMachine, on: boolean): void {
    const node = cluster.nodes.get(machine.name);
    if (node === undefined || (node.spec?.unschedulable === true) === on) return;
    if (on) cluster.personCordons.add(machine.uid);
    else cluster.personCordons.delete(machine.uid);
    cluster.patchNode(machine.name, [
      on
        ? { op: 'add', path: '/spec', value: { ...node.spec, unschedulable: true } }
        : { op: 'remove', path: '/spec/unschedulable' },
    ]);
  }

  function mark(machine: SimMachine, kind: 'opt-out' | 'pause'): void {
    const node = cluster.nodes.get(machine.name);
    if (node === undefined) return;
    const { labels = {}, annotations = {} } = node.metadata;
    cluster.patchNode(machine.name, [
      kind === 'opt-out'
        ? { op: 'add', path: '/metadata/labels', value: { ...labels, [OPT_OUT_LABEL]: 'true' } }
        : {
            op: 'add',
            path: '/metadata/annotations',
            value: { ...annotations, [PAUSE_ANNOTATION]: 'drill' },
          },
    ]);
  }

  /** All that is not the loss of a machine ends; what was lost stays lost. */
  function calmDown(): void {
    for (const machine of cluster.machines.values()) {
      if (machine.claims === 'off') machine.claims = undefined;
      machine.hiddenFrom.clear();
      machine.frozen = false;
      machine.cableOut = false;
      machine.apiCut = false;
      if (machine.powered) cluster.reconnect(machine);
    }
    for (const healer of healers.values()) {
      healer.line.apiCut = false;
      healer.line.machinesCut = false;
      healer.line.failures = 0;
      healer.crashAfter(Infinity);
    }
  }
}
