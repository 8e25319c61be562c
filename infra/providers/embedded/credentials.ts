import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { given } from '../../../harness/core/given.ts';
import { NETWORK_PLAN } from './network-plan.ts';
import { kubeconfig } from './node-config.ts';
import { CertificateAuthority, newServiceAccountKey, type CertifiedKey } from '../../supervisor/pki.ts';

const IN_CLUSTER_URL = `https://${NETWORK_PLAN.hubAddress}:${NETWORK_PLAN.apiServerPort}`;

/** All keys of one cluster, made in this process; files are written with mode 0600. */
export interface ClusterCredentials {
  readonly authority: CertificateAuthority;
  readonly machineAuthority: CertificateAuthority;
  readonly admin: CertifiedKey;
  readonly machineServer: CertifiedKey;
  /** Paths of the files that the control plane reads. */
  readonly files: Readonly<Record<ControlPlaneFile, string>>;
}

const CONTROL_PLANE_FILES = [
  'ca.crt',
  'apiserver.crt',
  'apiserver.key',
  'kubelet-client.crt',
  'kubelet-client.key',
  'service-accounts.key',
  'service-accounts.pub',
  'controller-manager.kubeconfig',
  'scheduler.kubeconfig',
] as const;
type ControlPlaneFile = (typeof CONTROL_PLANE_FILES)[number];

export async function createCredentials(directory: string, clusterName: string): Promise<ClusterCredentials> {
  const [authority, machineAuthority] = await Promise.all([
    CertificateAuthority.create(`firedrill ${clusterName}`),
    CertificateAuthority.create(`firedrill machines ${clusterName}`),
  ]);
  const client = (commonName: string, organization?: string): Promise<CertifiedKey> =>
    authority.issue({ commonName, use: 'client', ...given({ organization }) });
  const [apiServer, kubeletClient, controllerManager, scheduler, admin, serviceAccounts, machineServer] =
    await Promise.all([
      authority.issue({
        commonName: 'kube-apiserver',
        use: 'server',
        dnsNames: [
          'localhost',
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          `kubernetes.default.svc.${NETWORK_PLAN.clusterDomain}`,
        ],
        addresses: ['127.0.0.1', NETWORK_PLAN.hubAddress, NETWORK_PLAN.kubernetesServiceAddress],
      }),
      client('firedrill:apiserver-kubelet-client', 'system:masters'),
      client('system:kube-controller-manager'),
      client('system:kube-scheduler'),
      client('firedrill:admin', 'system:masters'),
      newServiceAccountKey(),
      machineAuthority.issue({
        commonName: 'machines',
        use: 'server',
        // Loopback for whoever comes through a tunnel from outside of the hub.
        addresses: [NETWORK_PLAN.hubAddress, '127.0.0.1'],
      }),
    ]);
  const config = (name: string, key: CertifiedKey): string =>
    kubeconfig({ name, server: IN_CLUSTER_URL, caPem: authority.certPem, ...key });
  const contents: Record<ControlPlaneFile, string> = {
    'ca.crt': authority.certPem,
    'apiserver.crt': apiServer.certPem,
    'apiserver.key': apiServer.keyPem,
    'kubelet-client.crt': kubeletClient.certPem,
    'kubelet-client.key': kubeletClient.keyPem,
    'service-accounts.key': serviceAccounts.privatePem,
    'service-accounts.pub': serviceAccounts.publicPem,
    'controller-manager.kubeconfig': config('controller-manager', controllerManager),
    'scheduler.kubeconfig': config('scheduler', scheduler),
  };
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = Object.fromEntries(
    CONTROL_PLANE_FILES.map((name) => [name, join(directory, name)]),
  ) as Record<ControlPlaneFile, string>;
  for (const name of CONTROL_PLANE_FILES) writeFileSync(files[name], contents[name], { mode: 0o600 });
  return { authority, machineAuthority, admin, machineServer, files };
}

/** The files of one node's configuration that the authority makes. */
export async function nodeCredentials(
  authority: CertificateAuthority,
  node: { readonly name: string; readonly address: string },
): Promise<Record<string, string>> {
  const [kubelet, server, proxy] = await Promise.all([
    authority.issue({ commonName: `system:node:${node.name}`, organization: 'system:nodes', use: 'client' }),
    authority.issue({
      commonName: node.name,
      use: 'server',
      dnsNames: [node.name],
      addresses: [node.address],
    }),
    authority.issue({ commonName: 'system:kube-proxy', use: 'client' }),
  ]);
  const config = (name: string, key: CertifiedKey): string =>
    kubeconfig({ name, server: IN_CLUSTER_URL, caPem: authority.certPem, ...key });
  return {
    'ca.crt': authority.certPem,
    'kubelet-server.crt': server.certPem,
    'kubelet-server.key': server.keyPem,
    'kubelet.kubeconfig': config('kubelet', kubelet),
    'kube-proxy.kubeconfig': config('kube-proxy', proxy),
  };
}
