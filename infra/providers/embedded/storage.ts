import { mkdirSync, chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PersistentVolume, PersistentVolumeClaim } from '../../kube/objects.ts';
import type { KubeClient } from '../../kube/client.ts';
import { goneIsDone, isAlreadyExists } from '../../kube/errors.ts';
import { listWatch } from '../../kube/list-watch.ts';

const PREFIX = 'firedrill.dev/';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** Where the two classes keep their volumes, as every node sees it; see node-init.sh. */
const NODE_PATH = { local: '/var/lib/firedrill/local', shared: '/var/lib/firedrill/shared' } as const;

interface StorageOptions {
  readonly kube: KubeClient;
  /** The host's side of the `shared` class. */
  readonly sharedDirectory: string;
  /** The host's way to a running node's root, or undefined where the node is off. */
  readonly nodeRoot: (node: string) => string | undefined;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The volume that a claim gets, or undefined where it has to wait: a claim of the class `local` for the node that the
 * scheduler chooses. Pure.
 */
export function volumeFor(claim: PersistentVolumeClaim): PersistentVolume | undefined {
  const { name, namespace, uid, annotations } = claim.metadata ?? {};
  const storageClass = claim.spec?.storageClassName;
  if (name === undefined || uid === undefined || claim.spec?.volumeName !== undefined) return undefined;
  if (storageClass !== 'local' && storageClass !== 'shared') return undefined;
  const node = annotations?.[SELECTED_NODE];
  if (storageClass === 'local' && node === undefined) return undefined;
  const volume = `pvc-${uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volume,
      annotations: { 'pv.kubernetes.io/provisioned-by': `${PREFIX}${storageClass}` },
    },
    spec: {
      storageClassName: storageClass,
      accessModes: claim.spec?.accessModes ?? ['ReadWriteOnce'],
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '1Gi' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name,
        namespace: namespace ?? 'default',
        uid,
      },
      hostPath: { path: `${NODE_PATH[storageClass]}/${volume}`, type: 'Directory' },
      ...(storageClass === 'local' && node !== undefined
        ? {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] },
                ],
              },
            },
          }
        : {}),
    },
  };
}

/** Serves the storage classes `local` and `shared` until the signal aborts. */
export function serveStorage(options: StorageOptions): void {
  const { kube, signal, log } = options;
  const attempt = (what: string, action: () => Promise<void>): void => {
    action().catch((error: unknown) => {
      if (!signal.aborted) log(`storage: ${what}: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  const claims = listWatch(
    kube,
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
    {
      onChange: (change) => {
        if (change.type === 'added' || change.type === 'modified')
          attempt('claim', () => provide(change.object, options));
      },
    },
  );
  const volumes = listWatch(
    kube,
    { apiVersion: 'v1', kind: 'PersistentVolume' },
    {
      onChange: (change) => {
        if (change.type === 'added' || change.type === 'modified')
          attempt('volume', () => reclaim(change.object, options));
      },
    },
  );
  attempt('claims', () => claims.start(signal));
  attempt('volumes', () => volumes.start(signal));
}

async function provide(claim: PersistentVolumeClaim, options: StorageOptions): Promise<void> {
  const volume = volumeFor(claim);
  if (volume === undefined) return;
  makeDirectory(hostDirectory(volume, options));
  try {
    await options.kube.create(volume, { signal: options.signal });
  } catch (error) {
    // An earlier change of the same claim was answered already.
    if (!isAlreadyExists(error)) throw error;
  }
}

async function reclaim(volume: PersistentVolume, options: StorageOptions): Promise<void> {
  const name = volume.metadata?.name;
  const ours = volume.metadata?.annotations?.['pv.kubernetes.io/provisioned-by']?.startsWith(PREFIX) === true;
  if (!ours || name === undefined || volume.status?.phase !== 'Released') return;
  const directory = hostDirectory(volume, options);
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  const { kube, signal } = options;
  await goneIsDone(kube.delete({ apiVersion: 'v1', kind: 'PersistentVolume', name }, { signal }));
}

function hostDirectory(volume: PersistentVolume, options: StorageOptions): string | undefined {
  const name = volume.metadata?.name ?? '';
  if (volume.spec?.storageClassName === 'shared') return join(options.sharedDirectory, name);
  const term = volume.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0];
  const root = options.nodeRoot(term?.values?.[0] ?? '');
  return root === undefined ? undefined : join(root, NODE_PATH.local, name);
}

/** A volume is for whoever mounts it, whatever its user: hostPath volumes are not handed over to a group. */
function makeDirectory(directory: string | undefined): void {
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o777);
}
