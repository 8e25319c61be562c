import { PAUSE_ANNOTATION } from '../../cluster/pause-watch.ts';
import { OPT_OUT_LABEL } from '../../node/remediation.ts';
import { API_MISFORTUNES } from './misfortunes-of-api.ts';
import { INTERFACE_MISFORTUNES } from './misfortunes-of-interface.ts';
import { NODE_MISFORTUNES } from './misfortunes-of-nodes.ts';
import { OWNER_MISFORTUNES } from './misfortunes-of-owner.ts';
import { undoLater, type Strike, type World } from './blow.ts';
import type { SimCluster } from './sim-cluster.ts';
import { ANSWER_MS, type SimMachine } from './sim-machine.ts';
import { SimMachineDoor } from './sim-machine-door.ts';

/** Within which the pods of a lost zone run elsewhere. */
const ZONE_RESTORED_MS = 20_000;
/** Before that a healer that started with the run may not have seen most leases being renewed: the slow node's is at 26 s, and may be seen with the next list only. */
const LEASES_PROVEN_MS = 35_000;

/** What may befall a simulated cluster; each returns whom it struck. A run takes some of them, at its own times. */
export const MISFORTUNES = {
  'power-off': ({ world, machine }) => {
    world.cluster.setPower(machine, false);
    return machine.name;
  },
  'power-off-unseen': ({ world, machine }) => {
    // An interface that has seen it go off before does not take it for on.
    if (machine.powered) machine.claims = 'on';
    world.cluster.setPower(machine, false);
    return machine.name;
  },
  'zone-power-off': ({ world: { cluster, referee, isAlone }, machine }) => {
    const machines = zoneOf(cluster, machine);
    for (const each of machines) cluster.setPower(each, false);
    // Where nothing else befalls the cluster, it has all that it needs.
    const provenInMs = Math.max(0, LEASES_PROVEN_MS - cluster.nowMs);
    if (isAlone) cluster.clock.after(provenInMs + ZONE_RESTORED_MS, () => referee.zoneLost(machine.zone));
    return namesOf(machines);
  },
  'zone-switch-breaks': ({ world, machine, forMs }) => {
    const machines = zoneOf(world.cluster, machine);
    for (const each of machines) pullCable(world, each, forMs);
    return `${namesOf(machines)} for ${forMs}`;
  },
  freeze: ({ world, machine, forMs }) => {
    machine.frozen = true;
    undoLater(world, forMs, () => {
      machine.frozen = false;
      world.cluster.reconnect(machine);
    });
    return `${machine.name} for ${forMs}`;
  },
  'paused-briefly': ({ world: { cluster, referee }, machine }) => {
    const pauseMs = cluster.random.between(3000, 5000);
    machine.pausedUntilMs = cluster.nowMs + pauseMs;
    referee.paused(machine, machine.pausedUntilMs);
    cluster.clock.after(pauseMs, () => cluster.reconnect(machine));
    return `${machine.name} for ${pauseMs.toFixed(0)}`;
  },
  'processor-starved': ({ world, machine, forMs }) => {
    machine.answersInMs = world.cluster.random.between(300, 4000);
    undoLater(world, forMs, () => (machine.answersInMs = ANSWER_MS));
    return `${machine.name} answers in ${machine.answersInMs.toFixed(0)} for ${forMs}`;
  },
  'kubelet-hidden-from-witness': ({ world: { cluster }, world, machine, forMs }) => {
    const witness = cluster.random.pick([...cluster.machines.keys()]);
    machine.hiddenFrom.add(witness);
    undoLater(world, forMs, () => machine.hiddenFrom.delete(witness));
    return `${machine.name} from ${witness} for ${forMs}`;
  },
  'cable-out': ({ world, machine, forMs }) => {
    pullCable(world, machine, forMs);
    return `${machine.name} for ${forMs}`;
  },
  'kubelet-hidden-from-one': ({ world, machine, healer, forMs }) => {
    machine.hiddenFrom.add(healer.name);
    undoLater(world, forMs, () => machine.hiddenFrom.delete(healer.name));
    return `${machine.name} from ${healer.name} for ${forMs}`;
  },
  'node-api-cut': ({ world, machine, forMs }) => {
    cutFromApi(world, [machine], forMs);
    return `${machine.name} for ${forMs}`;
  },
  'all-nodes-api-cut': ({ world, healer, forMs }) => {
    const machines = [...world.cluster.machines.values()];
    cutFromApi(world, machines, forMs);
    // What cuts the nodes off often hides them from one healer, too.
    if (world.cluster.random.chance(0.5)) for (const each of machines) each.hiddenFrom.add(healer.name);
    return `for ${forMs}`;
  },
  'healer-crash': ({ healer }) => {
    healer.crash();
    return healer.name;
  },
  'healer-crash-at-change': ({ world: { cluster, healers }, machine }) => {
    const changes = cluster.random.whole(1, 16);
    for (const each of healers.values()) each.crashAfter(changes);
    cluster.setPower(machine, false);
    return `at change ${changes}, ${machine.name} off`;
  },
  'healer-api-cut': ({ world, healer, forMs }) => {
    healer.line.apiCut = true;
    undoLater(world, forMs, () => (healer.line.apiCut = false));
    return `${healer.name} for ${forMs}`;
  },
  'healer-machines-cut': ({ world, healer, forMs }) => {
    healer.line.machinesCut = true;
    undoLater(world, forMs, () => (healer.line.machinesCut = false));
    return `${healer.name} for ${forMs}`;
  },
  'healer-disk-full': ({ world, healer, forMs }) => {
    healer.line.diskFull = true;
    undoLater(world, forMs, () => (healer.line.diskFull = false));
    return `${healer.name} for ${forMs}`;
  },
  'machines-throttled': ({ world: { cluster }, forMs }) => {
    SimMachineDoor.throttle(cluster, cluster.nowMs + Math.min(forMs, 20_000));
    return `for ${forMs}`;
  },
  'machine-lies-off': ({ world, machine, forMs }) => {
    machine.claims = 'off';
    undoLater(world, forMs, () => (machine.claims = undefined));
    return `${machine.name} for ${forMs}`;
  },
  'split-leadership': ({ world: { cluster, election }, forMs }) => {
    election.splitUntilMs = cluster.nowMs + forMs;
    return `for ${forMs}`;
  },
  'person-cordons': ({ world, machine }) => {
    cordon(world.cluster, machine, true);
    return machine.name;
  },
  'person-races-us': ({ world: { cluster, healers } }) => {
    // Just when the next patch is on its way: the plan was made from a node that nobody had cordoned.
    for (const { line } of healers.values()) {
      line.beforePatch = (name) => {
        line.beforePatch = () => undefined;
        const raced = cluster.machines.get(name);
        if (raced !== undefined) cordon(cluster, raced, true);
      };
    }
    return 'at the next patch';
  },
  'person-uncordons': ({ world, machine }) => {
    cordon(world.cluster, machine, false);
    return machine.name;
  },
  'person-powers-on': ({ world: { cluster }, machine }) => {
    const off = [...cluster.machines.values()].find((each) => !each.powered && !each.retired) ?? machine;
    cluster.setPower(off, true);
    return off.name;
  },
  'power-returns': ({ world: { cluster }, machine }) => {
    const { random } = cluster;
    machine.powerReturnsAfterMs.push(
      ...Array.from({ length: random.whole(1, 2) }, () => random.between(20, 8000)),
    );
    return machine.name;
  },
  'opt-out': ({ world: { cluster }, machine }) => {
    cluster.mark(machine.name, 'labels', OPT_OUT_LABEL, 'true');
    return machine.name;
  },
  pause: ({ world: { cluster }, machine }) => {
    cluster.mark(machine.name, 'annotations', PAUSE_ANNOTATION, 'drill');
    return machine.name;
  },
  ...API_MISFORTUNES,
  ...INTERFACE_MISFORTUNES,
  ...NODE_MISFORTUNES,
  ...OWNER_MISFORTUNES,
} satisfies Record<string, Strike>;
export type Misfortune = keyof typeof MISFORTUNES;

/** All that is not the loss of a machine ends; what was lost stays lost. */
export function calmDown({ cluster, healers }: World): void {
  for (const machine of cluster.machines.values()) {
    if (machine.claims !== 'on') machine.claims = undefined;
    machine.hiddenFrom.clear();
    machine.frozen = false;
    machine.answersInMs = ANSWER_MS;
    machine.cableOut = false;
    machine.apiCut = false;
    machine.interfaceTrouble = undefined;
    machine.admission = undefined;
    if (machine.replaceTrouble === 'fails') machine.replaceTrouble = undefined;
    if (machine.powered) cluster.reconnect(machine);
  }
  for (const healer of healers.values()) {
    healer.line.apiCut = false;
    healer.line.machinesCut = false;
    healer.line.failures = 0;
    healer.crashAfter(Infinity);
  }
}

function zoneOf(cluster: SimCluster, { zone }: SimMachine): readonly SimMachine[] {
  return [...cluster.machines.values()].filter((each) => each.zone === zone && !each.retired);
}

function namesOf(machines: readonly SimMachine[]): string {
  return machines.map(({ name }) => name).join(' ');
}

function pullCable(world: World, machine: SimMachine, forMs: number): void {
  machine.cableOut = true;
  undoLater(world, forMs, () => {
    machine.cableOut = false;
    world.cluster.reconnect(machine);
  });
}

function cutFromApi(world: World, machines: readonly SimMachine[], forMs: number): void {
  for (const machine of machines) {
    machine.apiCut = true;
    undoLater(world, forMs, () => {
      machine.apiCut = false;
      world.cluster.reconnect(machine);
    });
  }
}

function cordon(cluster: SimCluster, machine: SimMachine, on: boolean): void {
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
