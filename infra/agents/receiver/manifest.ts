import type { Manifest } from '../../kube/objects.ts';
import { AGENT_PORT, agentManifests } from '../manifest/agent-deployment.ts';
import type { Peer } from '../manifest/access.ts';
import { serviceOf } from '../manifest/one-replica.ts';
import type { Placement } from '../manifest/placement.ts';

export const RECEIVER_NAME = 'alert-receiver';

export function receiverService(namespace: string): Manifest {
  return serviceOf(RECEIVER_NAME, namespace, AGENT_PORT);
}

/** The alert receiver without its Service, which has to exist before Alertmanager's configuration is written. */
export function receiverManifests(options: {
  readonly namespace: string;
  readonly image: string;
  readonly placement: Placement;
  readonly token: string;
  /** The Prometheus that scrapes it, and whoever sends messages. */
  readonly usedBy: readonly Peer[];
}): Manifest[] {
  return agentManifests({
    name: RECEIVER_NAME,
    ...options,
    requests: { cpu: '10m', memory: '64Mi' },
    memoryLimit: '192Mi',
    scraped: true,
  });
}
