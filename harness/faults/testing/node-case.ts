import type { Fault, ResolvedTarget } from '../../core/faults/fault.ts';
import { nodeReady } from '../../../infra/kube/readiness.ts';
import { waitForObject } from '../../../infra/kube/wait.ts';
import type { NodeFaultOptions } from '../define-fault.ts';
import type { LifeLine } from '../injector.ts';
import { KUBELET_PORT, openLifeLine } from '../witness/life-line.ts';
import type { ContractCase, ContractWorld } from './contract-case.ts';

/** A kubelet renews its lease every 10 s; one that could not for a while waits a little longer. */
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

async function connectKubelet({ name }: ResolvedTarget, { cluster }: ContractWorld): Promise<LifeLine> {
  const machine = (await cluster.nodes()).find((node) => node.name === name);
  if (machine === undefined) throw new Error(`there is no machine ${name}`);
  return openLifeLine(await cluster.connect(machine.address, KUBELET_PORT));
}

/** Kubernetes calls a node Ready for 40 s after its end; its lease tells that the kubelet itself was there. */
async function awaitKubelet(
  { name }: ResolvedTarget,
  sinceWallMs: number,
  { kube }: ContractWorld,
): Promise<void> {
  await waitForObject(
    kube,
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'kube-node-lease', name } as const,
    (lease) => {
      const renewed = lease?.spec?.renewTime;
      if (renewed !== undefined && Date.parse(renewed) > sinceWallMs) return true;
      return `last renewed at ${renewed ?? 'no time'}`;
    },
    { timeoutMs: WELL_WITHIN_MS, what: `the kubelet of ${name} to renew its lease` },
  );
  await waitForObject(kube, { apiVersion: 'v1', kind: 'Node', name } as const, nodeReady, {
    timeoutMs: WELL_WITHIN_MS,
  });
}
