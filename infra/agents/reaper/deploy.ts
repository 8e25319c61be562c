import { FiredrillError } from '../../../harness/core/errors.ts';
import { applyAll, type Admit } from '../../kube/apply.ts';
import type { KubeClient } from '../../kube/client.ts';
import { deploymentReady } from '../../kube/readiness.ts';
import { waitForObject } from '../../kube/wait.ts';
import { onInfraNode } from '../manifest/placement.ts';
import type { MachineAccess } from './machine-access.ts';
import { REAPER_NAME, REAPER_NAMESPACE, reaperManifests } from './manifest.ts';

const READY_WITHIN_MS = 90_000;

/** Installs the reaper and waits until it watches: nothing may be installed or broken before that. */
export async function deployReaper(options: {
  readonly kube: KubeClient;
  readonly image: string;
  readonly signal: AbortSignal;
  /** It has to give every object its owner. */
  readonly admit: Admit;
  readonly machines?: MachineAccess | undefined;
}): Promise<void> {
  const { kube, image, signal, admit, machines } = options;
  const manifests = reaperManifests({
    image,
    placement: onInfraNode('preferred'),
    ...(machines === undefined ? {} : { machines }),
  });
  await applyAll(kube, manifests, { fieldManager: 'firedrill', force: true, signal, admit });
  const ref = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: REAPER_NAMESPACE,
    name: REAPER_NAME,
  } as const;
  try {
    await waitForObject(kube, ref, deploymentReady, { timeoutMs: READY_WITHIN_MS, signal });
  } catch (cause) {
    if (machines === undefined || signal.aborted) throw cause;
    throw new FiredrillError('reaper.not-ready', 'the reaper does not get ready', {
      cause,
      hint: `does the machine interface ${machines.url} answer to pods? kubectl -n ${REAPER_NAMESPACE} logs deployment/${REAPER_NAME}; --machines-from-pods names another address, or none`,
    });
  }
}
