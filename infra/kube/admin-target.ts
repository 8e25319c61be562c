import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { KubeTarget } from './target.ts';

interface AdminKubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

/** The admin's access, from the kubeconfig in the cluster's directory, which holds nothing else. */
export function adminTarget(kubeconfigPath: string): KubeTarget {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as AdminKubeconfig;
  const pem = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  return {
    server: clusters[0].cluster.server,
    caPem: pem(clusters[0].cluster['certificate-authority-data']),
    certPem: pem(users[0].user['client-certificate-data']),
    keyPem: pem(users[0].user['client-key-data']),
  };
}
