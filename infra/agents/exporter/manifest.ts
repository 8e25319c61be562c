import type { Manifest } from '../../kube/objects.ts';
import { AGENT_PORT, agentManifests } from '../manifest/agent-deployment.ts';
import type { Peer } from '../manifest/access.ts';
import { serviceOf } from '../manifest/one-replica.ts';
import type { Placement } from '../manifest/placement.ts';
import { roleWithBinding } from '../manifest/rights.ts';

export const EXPORTER_NAME = 'exporter';

/**
 * The exporter with its rights: list and watch of the kinds that it shows, nothing else. Prometheus finds it by its
 * label and not by annotation, since its series bring their own `namespace`, `pod` and `node`.
 */
export function exporterManifests(options: {
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
  /** The Prometheus that scrapes it. */
  readonly usedBy: readonly Peer[];
}): Manifest[] {
  const { namespace } = options;
  const verbs = ['list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: EXPORTER_NAME, namespace } },
    ...roleWithBinding(
      { name: `firedrill-${EXPORTER_NAME}` },
      [
        { apiGroups: [''], resources: ['nodes', 'pods', 'services'], verbs },
        { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
        { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
      ],
      { kind: 'ServiceAccount', name: EXPORTER_NAME, namespace },
    ),
    serviceOf(EXPORTER_NAME, namespace, AGENT_PORT),
    ...agentManifests({
      name: EXPORTER_NAME,
      ...options,
      serviceAccount: EXPORTER_NAME,
      requests: { cpu: '50m', memory: '96Mi' },
      memoryLimit: '256Mi',
      scraped: false,
    }),
  ];
}
