import type { KubeClient } from '../../infra/kube/client.ts';
import { listWatch } from '../../infra/kube/list-watch.ts';
import { permissions } from '../runtime/permission.ts';

/** On a node it stops what is done to that node; on the healer's own ConfigMap it stops everything. Its value says why. */
export const PAUSE_ANNOTATION = 'healer.firedrill.dev/pause';

/** The healer's own ConfigMap, which carries the annotation that pauses it. */
const PAUSE_OBJECT = 'firedrill-healer';

export const PAUSE_PERMISSIONS = permissions(
  { scope: 'own', group: '', resource: 'configmaps', names: [PAUSE_OBJECT] },
  { list: 'watch the pause of all healing', watch: 'watch the pause of all healing' },
);

/** A watch that has died without a word is found by a read after this. */
const PROBE_INTERVAL_MS = 5000;
/** A watch that is opened anew at once has missed nothing. */
const BLIND_AFTER_MS = 5000;

/** The watch of the annotation that pauses all healing. */
interface PauseWatch {
  /** Resolves when it is known whether healing is paused. */
  readonly synced: Promise<void>;
  run(signal: AbortSignal): Promise<void>;
  /** Why it is not known whether healing is paused; undefined: it is. */
  problem(): string | undefined;
}

export function pauseWatch(
  kube: KubeClient,
  namespace: string,
  see: (why: string | undefined) => void,
): PauseWatch {
  const own = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace,
    fieldSelector: `metadata.name=${PAUSE_OBJECT}`,
  } as const;
  const watch = listWatch(kube, own, {
    probeIntervalMs: PROBE_INTERVAL_MS,
    transform: ({ metadata }) => metadata?.annotations?.[PAUSE_ANNOTATION],
    onChange: (change) => {
      if (change.type === 'deleted') see(undefined);
      else if (change.type === 'added' || change.type === 'modified') see(change.object);
    },
  });
  return {
    synced: watch.synced,
    run: async (signal) => await watch.start(signal),
    problem: () =>
      watch.problem !== undefined && kube.clock.now().monoMs - watch.lastFreshMonoMs > BLIND_AFTER_MS
        ? `it cannot be seen whether healing is paused: ${watch.problem}`
        : undefined,
  };
}
