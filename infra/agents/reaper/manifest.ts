import { given } from '../../../harness/core/given.ts';
import type { Manifest } from '../../kube/objects.ts';
import { agentManifests, namespaceOf } from '../manifest/agent-deployment.ts';
import type { Placement } from '../manifest/placement.ts';
import { bindingOf } from '../manifest/rights.ts';
import { ANCHOR } from './anchor.ts';
import { MACHINES_PATH, type MachineAccess } from '../../machines/machine-access.ts';

export const REAPER_NAME = 'reaper';
export const REAPER_NAMESPACE = 'firedrill-reaper';

const MACHINES_SECRET = 'reaper-machines';

function machineSecret({ url, token, caPem, cluster }: MachineAccess): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: MACHINES_SECRET, namespace: REAPER_NAMESPACE },
    type: 'Opaque',
    stringData: { url, token, ...given({ 'ca.crt': caPem, cluster }) },
  };
}

/** The reaper with its account; what it may do stands in the anchor. */
export function reaperManifests(options: {
  readonly image: string;
  readonly placement: Placement;
  /** Absent: what was done to machines is left to people. */
  readonly machines?: MachineAccess;
}): Manifest[] {
  const { machines } = options;
  const namespace = REAPER_NAMESPACE;
  return [
    namespaceOf(namespace),
    ...(machines === undefined ? [] : [machineSecret(machines)]),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: REAPER_NAME, namespace } },
    bindingOf(ANCHOR, { kind: 'ServiceAccount', name: REAPER_NAME, namespace }),
    ...agentManifests({
      name: REAPER_NAME,
      namespace,
      image: options.image,
      placement: options.placement,
      usedBy: [],
      serviceAccount: REAPER_NAME,
      requests: { cpu: '10m', memory: '48Mi' },
      memoryLimit: '128Mi',
      scraped: false,
      secret: machines && { mountPath: MACHINES_PATH, source: { secret: { secretName: MACHINES_SECRET } } },
    }),
  ];
}
