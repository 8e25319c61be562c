import type { Manifest } from '../../kube/objects.ts';
import { AGENT_PORT, agentDeployment, serviceOf } from '../manifest/agent-deployment.ts';
import type { Placement } from '../manifest/placement.ts';

export const EXPORTER_NAME = 'exporter';

/**
 * The exporter with its rights: list and watch of the kinds that it shows, nothing else. Prometheus finds it by its
 * label and not by annotation, since its series bring their own `namespace`, `pod` and `node`.
 */
export function exporterManifests(options: {
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
}): Manifest[] {
  const { namespace } = options;
  const account = { kind: 'ServiceAccount', name: EXPORTER_NAME, namespace };
  const clusterName = `firedrill-${EXPORTER_NAME}`;
  const verbs = ['list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: EXPORTER_NAME, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: clusterName },
      rules: [
        { apiGroups: [''], resources: ['nodes', 'pods', 'services'], verbs },
        { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
        { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: clusterName },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterName },
      subjects: [account],
    },
    serviceOf(EXPORTER_NAME, namespace, AGENT_PORT),
    agentDeployment({
      name: EXPORTER_NAME,
      ...options,
      serviceAccount: EXPORTER_NAME,
      requests: { cpu: '50m', memory: '96Mi' },
      memoryLimit: '256Mi',
      scraped: false,
    }),
  ];
}
