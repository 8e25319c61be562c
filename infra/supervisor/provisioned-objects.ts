import type { ClusterSpec } from '../cluster.ts';
import type { Manifest } from '../kube/objects.ts';

/** What every provisioned cluster says of itself. */
export function clusterConfig(spec: ClusterSpec): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-config', namespace: 'kube-system' },
    data: {
      'cluster-name': spec.name,
      environment: spec.environment,
      'auto-scaling': String(spec.autoScaling ?? false),
      monitoring: String(spec.monitoring ?? false),
    },
  };
}

/** Marks a cluster as one that Firedrill made and may break. */
export function provisionedPermission(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'firedrill-target', namespace: 'kube-system' },
    data: { provisioned: 'true' },
  };
}

/** The machine interface's address and token, for the healer alone. */
export function machineSecret(options: { url: string; caPem: string; token: string }): Manifest[] {
  const namespace = 'firedrill-system';
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'firedrill-machines', namespace },
      type: 'Opaque',
      stringData: { url: options.url, 'ca.crt': options.caPem, token: options.token },
    },
  ];
}
