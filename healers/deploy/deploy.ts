import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { applyAll, deleteAll, type Admit } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import { deploymentReady, podReady } from '../../infra/kube/readiness.ts';
import { waitForAll, waitForObject } from '../../infra/kube/wait.ts';
import { LEADER_LEASE } from '../runtime/leadership.ts';
import { HEALER_NAME, HEALER_NAMESPACE, healerManifests } from './manifests.ts';
import type { HealerOverlay } from './manifests.ts';

const FIELD_MANAGER = 'firedrill';

interface DeployHealerOptions {
  readonly kube: KubeClient;
  /** The image's reference, known to the nodes already. */
  readonly image: string;
  readonly overlay?: HealerOverlay;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** Default `Never`: the nodes have the image. */
  readonly imagePullPolicy?: 'Never' | 'IfNotPresent';
  /** Decides what of the objects is applied; absent: all of them are. */
  readonly admit?: Admit | undefined;
}

/** One replica, as the harness needs it to read its audit. */
interface HealerReplica {
  readonly pod: string;
  readonly uid: string;
  readonly podIp: string;
  readonly node: string;
}

interface DeployedHealer {
  readonly replicas: readonly HealerReplica[];
  /** The name of the pod that leads. */
  readonly leader: string;
}

/** Applies the manifests and waits until both replicas are Ready and one of them leads. */
export async function deployHealer(options: DeployHealerOptions): Promise<DeployedHealer> {
  const { kube, image, overlay, imagePullPolicy, signal, admit } = options;
  const manifests = healerManifests({
    image,
    ...given({ overlay, imagePullPolicy }),
  });
  await applyAll(kube, manifests, { fieldManager: FIELD_MANAGER, force: true, signal, admit });
  return await presentHealer(options);
}

/** Our healer as it stands on the cluster already, by whosever hand; waits until it is ready and led. */
export async function presentHealer(
  options: Pick<DeployHealerOptions, 'kube' | 'signal' | 'timeoutMs'>,
): Promise<DeployedHealer> {
  const { kube, signal, timeoutMs = 60_000 } = options;
  const wait = { timeoutMs, signal };
  const ref = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: HEALER_NAMESPACE,
    name: HEALER_NAME,
  } as const;
  await waitForObject(kube, ref, deploymentReady, wait);
  const replicas = await healerReplicas(kube, options);
  return { replicas, leader: await waitForLeader(kube, replicas, wait) };
}

/** The replicas that are Ready now; waits until there are two. */
async function healerReplicas(
  kube: KubeClient,
  options: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<readonly HealerReplica[]> {
  const selection = {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: HEALER_NAMESPACE,
    labelSelector: `app.kubernetes.io/name=${HEALER_NAME}`,
  } as const;
  const pods = await waitForAll(
    kube,
    selection,
    (found) => {
      const ready = found.filter((pod) => podReady(pod) === true).length;
      return ready >= 2 || `${ready} of 2 healer pods are ready`;
    },
    { timeoutMs: options.timeoutMs ?? 60_000, signal: options.signal },
  );
  return pods
    .filter((pod) => podReady(pod) === true)
    .map((pod) => ({
      pod: pod.metadata?.name ?? '',
      uid: pod.metadata?.uid ?? '',
      podIp: pod.status?.podIP ?? '',
      node: pod.spec?.nodeName ?? '',
    }));
}

/**
 * Removes the healer and waits until it is gone, its pods included. Its namespace stays: the machine interface's secret, which whoever
 * made the cluster has put there, would go with it.
 */
export async function removeHealer(kube: KubeClient, signal: AbortSignal, timeoutMs = 60_000): Promise<void> {
  const own = healerManifests({ image: 'none' }).filter(({ kind }) => kind !== 'Namespace');
  const results = await deleteAll(kube, own, { signal, waitMs: timeoutMs });
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    throw new FiredrillError('healer.not-removed', `${failed.length} objects of the healer are left`, {
      cause: failed[0]?.error,
    });
  }
}

async function waitForLeader(
  kube: KubeClient,
  replicas: readonly HealerReplica[],
  wait: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string> {
  const ref = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace: HEALER_NAMESPACE,
    name: LEADER_LEASE,
  } as const;
  const leaderOf = (holder: string | undefined): string | undefined =>
    replicas.find(({ pod, uid }) => holder === `${pod}_${uid}`)?.pod;
  const lease = await waitForObject(
    kube,
    ref,
    (found) =>
      leaderOf(found?.spec?.holderIdentity) !== undefined ||
      `held by ${found?.spec?.holderIdentity ?? 'nobody'}`,
    { ...wait, what: 'the healer to elect a leader' },
  );
  return leaderOf(lease?.spec?.holderIdentity) ?? '';
}
