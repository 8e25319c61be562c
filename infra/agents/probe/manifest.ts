import type { Manifest } from '../../kube/objects.ts';
import { AGENT_PORT, agentDeployment, namespaceOf } from '../manifest/agent-deployment.ts';
import { serviceOf } from '../manifest/one-replica.ts';
import type { Placement } from '../manifest/placement.ts';

export const PROBE_NAMESPACE = 'firedrill-probe';
export const PROBE_NAME = 'probe';

/** The probe agent with its namespace. */
export function probeManifests(options: {
  readonly image: string;
  readonly placement: Placement;
}): Manifest[] {
  return [
    namespaceOf(PROBE_NAMESPACE),
    serviceOf(PROBE_NAME, PROBE_NAMESPACE, AGENT_PORT),
    agentDeployment({
      name: PROBE_NAME,
      namespace: PROBE_NAMESPACE,
      ...options,
      // Far more than it uses: the request is its weight when others want the CPU, and lateness is measurement error.
      requests: { cpu: '500m', memory: '64Mi' },
      memoryLimit: '256Mi',
      scraped: true,
    }),
  ];
}
