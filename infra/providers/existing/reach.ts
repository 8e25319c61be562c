import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { KubeClient } from '../../kube/client.ts';
import { isKubeError, isUnreachable } from '../../kube/errors.ts';
import { loadKubeconfig } from '../../kube/kubeconfig.ts';
import type { ExistingSettings } from './settings.ts';

/** A cluster that answers, and which one it is. */
export interface ReachedCluster {
  readonly kube: KubeClient;
  readonly context: string;
  /** UID of the kube-system namespace. */
  readonly uid: string;
  readonly kubernetesVersion: string;
}

const ANSWER_WITHIN_MS = patient(5_000);

/**
 * Asks the API server of a context who it is, with nothing but the kubeconfig.
 * @throws FiredrillError `existing.no-context`, `kube.bad-kubeconfig`, `existing.unreachable`,
 * `existing.credentials-refused`, `existing.not-allowed`
 */
export async function reach(settings: ExistingSettings): Promise<ReachedCluster> {
  const { context, kubeconfig } = settings;
  if (context === undefined) throw noContext(settings);
  const target = await loadKubeconfig({ context, path: kubeconfig });
  const kube = new KubeClient(target);
  try {
    const wait = { timeoutMs: ANSWER_WITHIN_MS };
    const [system, version] = await Promise.all([
      kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const, wait),
      kube.request<{ readonly gitVersion?: string }>({ method: 'GET', path: '/version', ...wait }),
    ]);
    return {
      kube,
      context,
      uid: system.metadata?.uid ?? '',
      kubernetesVersion: version.gitVersion ?? 'unknown',
    };
  } catch (error) {
    kube.close();
    throw explained(error, context, target.server);
  }
}

/** The current context of a kubeconfig changes behind one's back: what is broken has to be named. */
export function noContext({ kubeconfig }: ExistingSettings): FiredrillError {
  return new FiredrillError('existing.no-context', 'no context says which cluster is meant', {
    hint: `--context NAME or FIREDRILL_CONTEXT; kubectl config get-contexts lists those of ${kubeconfig}`,
  });
}

function explained(error: unknown, context: string, server: string): unknown {
  if (isUnreachable(error)) {
    return new FiredrillError(
      'existing.unreachable',
      `context ${context}: the API server ${server} does not answer: ${messageOf(error)}`,
      { cause: error, hint: `kubectl --context ${context} get --raw /readyz` },
    );
  }
  if (isKubeError(error) && error.status === 401) {
    return new FiredrillError(
      'existing.credentials-refused',
      `context ${context}: the API server ${server} refuses our credentials: they are wrong or have expired`,
      { cause: error, hint: 'log in to the cluster again, or renew the kubeconfig' },
    );
  }
  if (isKubeError(error) && error.status === 403) {
    return new FiredrillError(
      'existing.not-allowed',
      `context ${context}: its user may not even see which cluster this is: ${messageOf(error)}`,
      {
        cause: error,
        hint: 'grant get on the namespace kube-system, then ask again: every right that is missing is listed then',
      },
    );
  }
  return error;
}
