import type { RequestFailure } from './sim-line.ts';
import { oftenLose, undoLater, type Strike } from './blow.ts';

const FAILURES: readonly (readonly RequestFailure[])[] = [
  ['before', 'after'],
  ['throttled'],
  ['server-error', 'after'],
  ['conflict'],
  ['denied'],
  ['before', 'after', 'throttled', 'server-error', 'conflict', 'denied'],
];

/** The API server as it is: it fails, denies, hangs, lags and forgets. */
export const API_MISFORTUNES = {
  'api-requests-fail': (blow) => {
    const { world, forMs } = blow;
    const { random } = world.cluster;
    const share = random.between(0.1, 0.6);
    const kinds = random.pick(FAILURES);
    for (const { line } of world.healers.values()) {
      line.failures = share;
      line.failureKinds = kinds;
      undoLater(world, forMs, () => (line.failures = 0));
    }
    oftenLose(blow);
    return `${share.toFixed(2)} ${kinds.join(' ')} for ${forMs}, ${blow.machine.name}`;
  },
  'admission-denies': (blow) => {
    blow.machine.admission = 'denies';
    undoLater(blow.world, blow.forMs, () => (blow.machine.admission = undefined));
    oftenLose(blow);
    return `${blow.machine.name} for ${blow.forMs}`;
  },
  'admission-hangs': (blow) => {
    blow.machine.admission = 'hangs';
    undoLater(blow.world, blow.forMs, () => (blow.machine.admission = undefined));
    oftenLose(blow);
    return `${blow.machine.name} for ${blow.forMs}`;
  },
  'watch-lags': ({ world, healer, forMs }) => {
    healer.line.watchLagMs = world.cluster.random.pick([1000, 4000, 10_000]);
    undoLater(world, forMs, () => (healer.line.watchLagMs = 0));
    return `${healer.name} by ${healer.line.watchLagMs} for ${forMs}`;
  },
  'stale-pod-lists': (blow) => {
    const { cluster } = blow.world;
    cluster.stalePods = [...cluster.pods.values()];
    undoLater(blow.world, blow.forMs, () => (cluster.stalePods = undefined));
    oftenLose(blow);
    return `for ${blow.forMs}`;
  },
  'ledger-lost': (blow) => {
    blow.world.cluster.ledger = undefined;
    blow.world.referee.budgets.forget();
    oftenLose(blow);
    return blow.machine.name;
  },
  'ledger-damaged': (blow) => {
    const { world, forMs } = blow;
    const { cluster } = world;
    const damaged = cluster.writeLedger(cluster.ledger, { entries: '[{"attempt":' });
    // A person who is told of it deletes it.
    undoLater(world, forMs, () => {
      if (cluster.ledger !== damaged) return;
      cluster.ledger = undefined;
      world.referee.budgets.forget();
    });
    oftenLose(blow);
    return `for ${forMs}, ${blow.machine.name}`;
  },
} satisfies Record<string, Strike>;
