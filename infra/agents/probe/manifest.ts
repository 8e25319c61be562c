import type { Manifest } from '../../kube/objects.ts';
import { AGENT_PORT, agentManifests, namespaceOf } from '../manifest/agent-deployment.ts';
import type { Peer } from '../manifest/access.ts';
import { serviceOf } from '../manifest/one-replica.ts';
import type { Placement } from '../manifest/placement.ts';

export const PROBE_NAMESPACE = 'firedrill-probe';
export const PROBE_NAME = 'probe';
export const PROBE = { namespace: PROBE_NAMESPACE, name: PROBE_NAME } as const;

/** The probe agent with its namespace. */
export function probeManifests(options: {
  readonly image: string;
  readonly placement: Placement;
  readonly token: string;
  /** The Prometheus that scrapes it. */
  readonly usedBy: readonly Peer[];
}): Manifest[] {
  return [
    namespaceOf(PROBE_NAMESPACE),
    serviceOf(PROBE_NAME, PROBE_NAMESPACE, AGENT_PORT),
    ...agentManifests({
      ...PROBE,
      ...options,
      // Far more than it uses: the request is its weight when others want the CPU, and lateness is measurement error.
      requests: { cpu: '500m', memory: '64Mi' },
      memoryLimit: '256Mi',
      scraped: true,
    }),
  ];
}
