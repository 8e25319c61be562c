import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeTarget } from './target.ts';

const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The API server as a pod sees it: the service account's files and the KUBERNETES_SERVICE_* variables.
 * The token is read again for each request, since the kubelet renews it. Throws `kube.not-in-cluster`.
 */
export function inClusterTarget(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string = DIRECTORY,
): KubeTarget & { readonly namespace: string } {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'];
  if (host === undefined || host === '' || port === undefined || port === '') {
    throw notInCluster('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  }
  const read = (file: string): string => {
    try {
      return readFileSync(join(directory, file), 'utf8').trim();
    } catch (error) {
      throw notInCluster(`${join(directory, file)} cannot be read`, error);
    }
  };
  const token = () => read('token');
  // Read once now, so that a pod without a token says so at its start.
  token();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caPem: read('ca.crt'),
    token,
    namespace: read('namespace'),
  };
}

function notInCluster(why: string, cause?: unknown): FiredrillError {
  return new FiredrillError('kube.not-in-cluster', `not in a pod with a service account: ${why}`, {
    hint: 'outside of a cluster, name a kubeconfig; inside, check automountServiceAccountToken',
    cause,
  });
}
