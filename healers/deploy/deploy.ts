import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import { tokenFor } from '../../infra/agents/manifest/access.ts';
import { applyAll, deleteAll, type Admit } from '../../infra/kube/apply.ts';
import type { KubeClient } from '../../infra/kube/client.ts';
import type { KubeObject } from '../../infra/kube/objects.ts';
import { deploymentReady, podReady } from '../../infra/kube/readiness.ts';
import { waitForAll, waitForObject } from '../../infra/kube/wait.ts';
import { LEADER_LEASE } from '../runtime/leadership.ts';
import { HEALER_NAME, HEALER_NAMESPACE, healerManifests, type HealerOverlay } from './manifests.ts';

const FIELD_MANAGER = 'firedrill';

interface DeployHealerOptions {
  readonly kube: KubeClient;
  /** The image's reference, known to the nodes already. */
  readonly image: string;
  readonly overlay?: HealerOverlay;
  readonly signal: AbortSignal;
  /** Default `Never`: the nodes have the image. */
  readonly imagePullPolicy?: 'Never' | 'IfNotPresent';
  /** Decides what of the objects is applied; absent: all of them are. */
  readonly admit?: Admit | undefined;
}

const READY_WITHIN_MS = patient(60_000);
const GONE_WITHIN_MS = patient(60_000);

/** Applies the manifests and waits until both replicas are Ready and one of them leads; answers how many are Ready. */
export async function deployHealer(options: DeployHealerOptions): Promise<number> {
  const { kube, image, overlay, imagePullPolicy, signal, admit } = options;
  const token = await tokenFor(kube, { namespace: HEALER_NAMESPACE, name: HEALER_NAME }, signal);
  const manifests = healerManifests({ image, token, ...given({ overlay, imagePullPolicy }) });
  await applyAll(kube, manifests, { fieldManager: FIELD_MANAGER, force: true, signal, admit });
  return await presentHealer(kube, signal);
}

/** Our healer as it stands on the cluster already, by whosever hand: waits until it is led; answers how many replicas are Ready. */
export async function presentHealer(kube: KubeClient, signal: AbortSignal): Promise<number> {
  const wait = { timeoutMs: READY_WITHIN_MS, signal };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: HEALER_NAMESPACE,
    name: HEALER_NAME,
  } as const;
  await waitForObject(kube, deployment, deploymentReady, wait);
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
    wait,
  );
  const replicas = pods.filter((pod) => podReady(pod) === true);
  await waitForLeader(kube, replicas.map(electionIdentity), wait);
  return replicas.length;
}

/**
 * Removes the healer and waits until it is gone, its pods included. Its namespace stays: the machine interface's secret, which whoever
 * made the cluster has put there, would go with it.
 */
export async function removeHealer(kube: KubeClient, signal: AbortSignal): Promise<void> {
  const own = healerManifests({ image: 'none', token: '' }).filter(({ kind }) => kind !== 'Namespace');
  const results = await deleteAll(kube, own, { signal, waitMs: GONE_WITHIN_MS });
  const failed = results.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    throw new FiredrillError('healer.not-removed', `${failed.length} objects of the healer are left`, {
      cause: failed[0]?.error,
    });
  }
}

function electionIdentity({ metadata }: KubeObject): string {
  return `${metadata?.name ?? ''}_${metadata?.uid ?? ''}`;
}

async function waitForLeader(
  kube: KubeClient,
  candidates: readonly string[],
  wait: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace: HEALER_NAMESPACE,
    name: LEADER_LEASE,
  } as const;
  await waitForObject(
    kube,
    lease,
    (found) => {
      const holder = found?.spec?.holderIdentity ?? 'nobody';
      return candidates.includes(holder) || `held by ${holder}`;
    },
    { ...wait, what: 'the healer to elect a leader' },
  );
}
