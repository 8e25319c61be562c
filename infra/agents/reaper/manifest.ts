import type { Manifest } from '../../kube/objects.ts';
import { agentDeployment, namespaceOf } from '../manifest/agent-deployment.ts';
import type { Placement } from '../manifest/placement.ts';
import { ANCHOR } from './anchor.ts';

export const REAPER_NAME = 'reaper';
export const REAPER_NAMESPACE = 'firedrill-reaper';

/** The reaper with its account; what it may do stands in the anchor. */
export function reaperManifests(options: {
  readonly image: string;
  readonly placement: Placement;
}): Manifest[] {
  const namespace = REAPER_NAMESPACE;
  return [
    namespaceOf(namespace),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: REAPER_NAME, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: ANCHOR.name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: ANCHOR.kind, name: ANCHOR.name },
      subjects: [{ kind: 'ServiceAccount', name: REAPER_NAME, namespace }],
    },
    agentDeployment({
      name: REAPER_NAME,
      namespace,
      ...options,
      serviceAccount: REAPER_NAME,
      requests: { cpu: '10m', memory: '48Mi' },
      memoryLimit: '128Mi',
      scraped: false,
    }),
  ];
}
