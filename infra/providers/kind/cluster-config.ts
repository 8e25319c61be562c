import { stringify } from 'yaml';
import { given } from '../../../harness/core/given.ts';
import type { ClusterSpec } from '../../cluster.ts';
import { auditPatches, policyMount } from './audit-log.ts';
import { kindName, plannedNodes, type PlannedNode } from './kind-plan.ts';

/** What keeps ordinary pods off an infra node; the same as on an embedded cluster. */
export const INFRA_TAINT = { key: 'firedrill.dev/infra', value: 'true', effect: 'NoSchedule' } as const;

/**
 * The configuration that kind gets: who is where, and an audit log of the API server; nothing else that a stock kind
 * cluster does not have.
 */
export function clusterConfiguration(
  spec: ClusterSpec,
  nodeImage: string | undefined,
  auditPolicyFile: string,
): string {
  return stringify({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name: kindName(spec.name),
    kubeadmConfigPatchesJSON6902: auditPatches(),
    nodes: plannedNodes(spec).map((node) => ({
      role: node.role === 'control-plane' ? 'control-plane' : 'worker',
      labels: labelsOf(node),
      ...given({ image: nodeImage }),
      ...(node.role === 'control-plane' ? { extraMounts: [policyMount(auditPolicyFile)] } : {}),
    })),
  });
}

/** A control plane has Kubernetes' own role; ours are those that pods ask for. */
function labelsOf({ zone, role }: PlannedNode): Readonly<Record<string, string>> {
  return {
    'topology.kubernetes.io/zone': zone,
    ...(role === 'control-plane' ? {} : { 'firedrill.dev/role': role }),
  };
}
