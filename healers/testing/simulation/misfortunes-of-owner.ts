import { FOREIGN_MARKS } from '../../policy/foreign-remediators.ts';
import { oftenLose, undoLater, type Strike } from './blow.ts';

/** A machine that is off carries it, whoever switched it off: of a node under treatment it is no mark. */
const SHUTDOWN = 'node.cloudprovider.kubernetes.io/shutdown';
const MARKS = FOREIGN_MARKS.filter(({ key }) => key !== SHUTDOWN);
/** Within which every process has heard of a pause. */
const HEARD_WITHIN_MS = 150;

/** What the cluster's owner and the tools that he runs beside the healer do. */
export const OWNER_MISFORTUNES = {
  'foreign-mark': (blow) => {
    const { world, machine, forMs } = blow;
    const { cluster } = world;
    const { kind, key, values = ['true'] } = cluster.random.pick(MARKS);
    const value = values[0] ?? '';
    if (kind === 'taint') cluster.taint(machine.name, key, value);
    else cluster.mark(machine.name, `${kind}s`, key, value);
    cluster.foreignSinceMs.set(machine.uid, cluster.nowMs);
    undoLater(world, forMs, () => {
      cluster.foreignSinceMs.delete(machine.uid);
      if (kind === 'taint') cluster.taint(machine.name, key);
      else cluster.mark(machine.name, `${kind}s`, key);
    });
    oftenLose(blow);
    return `${key} on ${machine.name} for ${forMs}`;
  },
  'kill-switch': (blow) => {
    const { world, forMs } = blow;
    const { cluster, healers } = world;
    const set = (paused: string | undefined): void => {
      cluster.paused = paused;
      for (const { line } of healers.values())
        cluster.clock.after(cluster.random.between(1, HEARD_WITHIN_MS), () => (line.paused = cluster.paused));
    };
    set('drill');
    undoLater(world, forMs, () => set(undefined));
    oftenLose(blow);
    return `for ${forMs}, ${blow.machine.name}`;
  },
  'owner-observes': (blow) => {
    const { world, forMs } = blow;
    const { cluster, healers } = world;
    const set = (mode: 'observe' | 'act'): void => {
      cluster.ownersPolicy = { mode };
      for (const healer of healers.values()) healer.crash();
    };
    set('observe');
    undoLater(world, forMs, () => set('act'));
    oftenLose(blow);
    return `for ${forMs}, ${blow.machine.name}`;
  },
} satisfies Record<string, Strike>;
