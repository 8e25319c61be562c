import { FiredrillError } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { given } from '../../../harness/core/given.ts';
import { applyAll, type Admit } from '../../kube/apply.ts';
import type { KubeClient } from '../../kube/client.ts';
import { deploymentReady, type Answer } from '../../kube/readiness.ts';
import { waitForObject } from '../../kube/wait.ts';
import { onInfraNode } from '../manifest/placement.ts';
import type { MachineAccess } from '../../machines/machine-access.ts';
import { REAPER_NAME, REAPER_NAMESPACE, reaperManifests } from './manifest.ts';

const READY_WITHIN_MS = patient(90_000);

const REF = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: REAPER_NAMESPACE,
  name: REAPER_NAME,
} as const;

export interface ReaperOptions {
  readonly kube: KubeClient;
  readonly image: string;
  readonly signal: AbortSignal;
  /** Has to give every object its owner. */
  readonly admit: Admit;
  readonly machines?: MachineAccess | undefined;
}

/** Asks the cluster for the reaper. From then on it starts without us: nothing else may be installed before. */
export async function applyReaper({ kube, image, signal, admit, machines }: ReaperOptions): Promise<void> {
  const manifests = reaperManifests({
    image,
    placement: onInfraNode('preferred'),
    ...given({ machines }),
  });
  await applyAll(kube, manifests, { fieldManager: 'firedrill', force: true, signal, admit });
}

/**
 * Waits until it watches: nothing may be broken before.
 * @throws FiredrillError `reaper.not-ready`
 */
export async function awaitReaper({
  kube,
  signal,
  machines,
}: Pick<ReaperOptions, 'kube' | 'signal' | 'machines'>): Promise<void> {
  try {
    await waitForObject(kube, REF, deploymentReady, { timeoutMs: READY_WITHIN_MS, signal });
  } catch (cause) {
    if (machines === undefined || signal.aborted) throw cause;
    throw new FiredrillError('reaper.not-ready', 'the reaper does not get ready', {
      cause,
      hint: `does the machine interface ${machines.url} answer to pods? kubectl -n ${REAPER_NAMESPACE} logs deployment/${REAPER_NAME}; --machines-from-pods names another address, or none`,
    });
  }
}

/** Whether it watches now: true, or what is missing. */
export async function reaperReady(kube: KubeClient, signal: AbortSignal): Promise<Answer> {
  return deploymentReady(await kube.find(REF, { signal }));
}
