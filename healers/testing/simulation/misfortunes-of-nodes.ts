import { oftenLose, undoLater, type Blow, type Strike } from './blow.ts';
import type { SimMachine } from './sim-machine.ts';

/** As long as a node has to be Ready again in a simulation to have recovered. */
const RECOVERED_AFTER_MS = 5000;

/** Nodes that answer and are not Ready, pods that do not leave easily, and Node objects that others hold. */
export const NODE_MISFORTUNES = {
  'network-not-ready': notReady('network'),
  'runtime-dies': notReady('runtime'),
  'budget-refuses': protectedBy('budget'),
  'two-budgets': protectedBy('two-budgets'),
  'long-grace': (blow) => {
    const { cluster } = blow.world;
    const graceSeconds = cluster.random.pick([5, 15, 40]);
    const names = podNamesOn(blow);
    for (const name of names) cluster.setPodKind(name, { graceSeconds });
    return `${names.join(' ')} ${graceSeconds} s; ${notReady('network')(blow)}`;
  },
  'bare-pod': (blow) => {
    const { cluster } = blow.world;
    cluster.addPod(`bare-${cluster.random.whole(1, 1000)}`, { bare: true });
    return notReady('network')(blow);
  },
  'local-disk': (blow) => {
    const [name = ''] = podNamesOn(blow);
    blow.world.cluster.setPodKind(name, { diskOn: blow.machine.name });
    oftenLose(blow);
    return `${name} on ${blow.machine.name}`;
  },
  'node-finalizer': (blow) => {
    const { machine, world } = blow;
    machine.finalizedForMs = world.cluster.random.pick([500, 5000, 20_000, Infinity]);
    oftenLose(blow);
    return `${machine.name} for ${machine.finalizedForMs}`;
  },
  'node-joins': ({ world: { cluster } }) => cluster.addMachine(),
} satisfies Record<string, Strike>;

function notReady(trouble: NonNullable<SimMachine['notReady']>): Strike {
  return ({ world, machine, forMs }: Blow): string => {
    const { cluster } = world;
    // One that flaps is one incident.
    if (cluster.nowMs - machine.readySinceMs > RECOVERED_AFTER_MS) machine.notReadySinceMs = cluster.nowMs;
    machine.readySinceMs = Infinity;
    machine.notReady = trouble;
    cluster.reconnect(machine);
    undoLater(world, forMs, () => {
      machine.notReady = undefined;
      machine.readySinceMs = cluster.nowMs;
      cluster.reconnect(machine);
    });
    return `${machine.name} for ${forMs}`;
  };
}

function protectedBy(reason: 'budget' | 'two-budgets'): Strike {
  return (blow: Blow): string => {
    const { cluster } = blow.world;
    const [name = ''] = podNamesOn(blow);
    cluster.setPodKind(name, { protectedBy: reason });
    return `${name}; ${notReady('network')(blow)}`;
  };
}

function podNamesOn({ world, machine }: Blow): readonly string[] {
  return world.cluster.podsOn(machine.name).map(({ metadata }) => metadata.name);
}
