import type { Fault, ResolvedTarget } from '../../core/faults/fault.ts';
import { nodeReady } from '../../../infra/kube/readiness.ts';
import { waitForObject } from '../../../infra/kube/wait.ts';
import type { NodeFaultOptions } from '../define-fault.ts';
import type { LivenessConnection } from '../injector.ts';
import { KUBELET_PORT, openLivenessConnection } from '../witness/liveness-connection.ts';
import type { ContractCase, ContractContext } from './contract-case.ts';

/** A machine that was switched on has to start, on a busy host, too. */
const WELL_WITHIN_MS = 60_000;

/** The case of a fault that hits one node. */
export function nodeCase(build: (options: NodeFaultOptions) => Fault): (victim: string) => ContractCase {
  const nowhere = build({ node: { names: ['no-such-node'], mode: 'one' } });
  return (victim) => ({
    // Both pods of CoreDNS may live there, and nobody misses them here.
    fault: build({ node: { names: [victim], mode: 'one' }, allow: ['last-ready-replica'] }),
    nowhere,
    impossible: {
      fault: { ...nowhere, target: { kind: 'node', names: [], mode: { fixedPercent: 101 } }, durationMs: -1 },
      keys: ['node.names', 'node.mode.fixedPercent', 'duration'],
    },
    target: async ({ cluster }) => {
      const machine = (await cluster.nodes()).find(({ name }) => name === victim);
      if (machine === undefined) throw new Error(`there is no machine ${victim}`);
      return { kind: 'node', name: machine.name, zone: machine.zone, uid: '' };
    },
    restores: true,
    connect: connectKubelet,
    awaitWork: awaitKubelet,
  });
}

async function connectKubelet(
  { name }: ResolvedTarget,
  { cluster }: ContractContext,
): Promise<LivenessConnection> {
  const machine = (await cluster.nodes()).find((node) => node.name === name);
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  return openLivenessConnection(await cluster.connect(machine.address, KUBELET_PORT));
}

/**
 * Kubernetes calls a node Ready for 40 s after its end, and its lease is renewed every 10 s: a pod that is given to the
 * kubelet now is taken note of at once by one that lives. What it would run does not matter.
 */
async function awaitKubelet({ name }: ResolvedTarget, { kube }: ContractContext): Promise<void> {
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: `work-of-${name}` } as const;
  const { apiVersion, kind, ...metadata } = pod;
  const containers = [{ name: 'main', image: 'none', imagePullPolicy: 'Never' }];
  await kube.create({ apiVersion, kind, metadata, spec: { nodeName: name, containers } });
  await waitForObject(
    kube,
    pod,
    (found) => found?.status?.startTime !== undefined || 'its kubelet has not taken note of it',
    { timeoutMs: WELL_WITHIN_MS },
  );
  await kube.delete(pod, { gracePeriodSeconds: 0 });
  await waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name } as const, nodeReady, {
    timeoutMs: WELL_WITHIN_MS,
  });
}
