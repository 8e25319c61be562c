import { messageOf } from '../../core/errors.ts';
import type { Fault, ResolvedTarget } from '../../core/faults/fault.ts';
import type { Cluster } from '../../../infra/cluster.ts';
import type { KubeClient } from '../../../infra/kube/client.ts';
import { buildImage, nodeServiceImage } from '../../../infra/images/index.ts';
import { nodeReady, podReady } from '../../../infra/kube/readiness.ts';
import { waitForObject } from '../../../infra/kube/wait.ts';
import { nodeCableOut, nodeFreeze, nodePowerOff, podKill } from '../builders.ts';
import type { NodeFaultOptions } from '../builders.ts';
import type { LifeLine } from '../injector.ts';
import { KUBELET_PORT, openLifeLine } from '../life-line.ts';
import { podAccess } from '../pod-access.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'contract-victim' } as const;
/** A kubelet renews its lease every 10 s; one that could not for a while waits a little longer. */
const WELL_WITHIN_MS = 60_000;

/** What a case looks at its target with. */
export interface ContractWorld {
  readonly cluster: Cluster;
  readonly kube: KubeClient;
}

/** What the contract needs to know of one kind of fault. */
export interface ContractCase {
  /** Hits exactly one target. */
  readonly fault: Fault;
  /** Makes sure that there is something to hit; before each test. */
  prepare?(world: ContractWorld): Promise<void>;
  /** What the fault hits, as any process can find out. */
  target(world: ContractWorld): Promise<ResolvedTarget>;
  /** Whether the undo brings the target back; a pod that was killed is gone for good. */
  readonly restores: boolean;
  /** Sound data that selects nothing. */
  readonly nowhere: Fault;
  /** Data that cannot be meant, and the keys that have to be called wrong. */
  readonly impossible: { readonly fault: Fault; readonly keys: readonly string[] };
  /** Opens a line to what the fault takes away, by another way than the injector's; rejects where nobody answers. */
  connect(target: ResolvedTarget, world: ContractWorld): Promise<LifeLine>;
  /** Resolves when the target has done its work since `sinceWallMs`, as Kubernetes sees it. */
  awaitWork(target: ResolvedTarget, sinceWallMs: number, world: ContractWorld): Promise<void>;
}

/** The node that faults of the contract hit; the rest of the cluster is left alone. Every process finds the same one. */
export async function contractVictim(cluster: Cluster): Promise<string> {
  const workers = (await cluster.nodes()).filter(({ role }) => role === 'worker').map(({ name }) => name);
  const last = workers.toSorted().at(-1);
  if (last === undefined) throw new Error(`${cluster.name} has no worker`);
  return last;
}

/**
 * Every kind of fault; one that is registered and not listed here has not shown that it keeps the contract.
 * @param victim the node that is hit by those that hit one
 */
export function contractCases(victim: string): Readonly<Record<string, ContractCase>> {
  return {
    'node.power-off': {
      ...nodeCase(nodePowerOff, victim),
      impossible: {
        // A power-off lasts until somebody ends it.
        fault: {
          kind: 'node.power-off',
          target: { kind: 'node', names: [], mode: { fixed: 0 } },
          durationMs: 1_000,
        },
        keys: ['node.names', 'node.mode.fixed', 'duration'],
      },
    },
    'node.freeze': { ...nodeCase(nodeFreeze, victim), impossible: impossibleTimed('node.freeze') },
    'node.cable-out': { ...nodeCase(nodeCableOut, victim), impossible: impossibleTimed('node.cable-out') },
    'pod.kill': {
      fault: podKill({ pod: { namespace: POD.namespace, labels: `app=${POD.name}`, mode: 'one' } }),
      nowhere: podKill({ pod: { namespace: POD.namespace, labels: 'app=no-such-pod', mode: 'one' } }),
      impossible: {
        fault: {
          kind: 'pod.kill',
          target: { kind: 'pod', labels: '', mode: { fixed: 0 } },
          durationMs: 1_000,
        },
        keys: ['pod.labels', 'pod.mode.fixed', 'duration'],
      },
      prepare: preparePod,
      target: findPod,
      restores: false,
      connect: async (target, { cluster, kube }) => {
        const pods = podAccess(kube, (address, port) => cluster.connect(address, port));
        return await pods.openLine(await pods.askable(target));
      },
      awaitWork: () => Promise.resolve(),
    },
  };
}

/** A pod that nobody owns, so that nothing comes in its place. */
async function preparePod({ cluster, kube }: ContractWorld): Promise<void> {
  const entry = new URL('./answering-main.ts', import.meta.url);
  const image = nodeServiceImage({ name: 'answering', entry });
  await cluster.loadImages([image]);
  const { reference } = await buildImage(image);
  if ((await kube.find(POD)) === undefined) {
    await kube.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: POD.namespace, name: POD.name, labels: { app: POD.name } },
      spec: {
        containers: [
          {
            name: 'main',
            image: cluster.imageReference?.(reference) ?? reference,
            imagePullPolicy: 'Never',
            readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    });
  }
  await waitForObject(kube, POD, podReady, { timeoutMs: WELL_WITHIN_MS });
}

async function findPod({ kube }: ContractWorld): Promise<ResolvedTarget> {
  const pod = await kube.find(POD);
  const { namespace, name } = POD;
  return {
    kind: 'pod',
    namespace,
    name,
    uid: pod?.metadata?.uid ?? '',
    ...(pod?.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
  };
}

function impossibleTimed(kind: string): ContractCase['impossible'] {
  return {
    fault: { kind, target: { kind: 'node', names: [], mode: { fixedPercent: 101 } }, durationMs: -1 },
    keys: ['node.names', 'node.mode.fixedPercent', 'duration'],
  };
}

function nodeCase(
  build: (options: NodeFaultOptions) => Fault,
  victim: string,
): Omit<ContractCase, 'impossible'> {
  return {
    // Both pods of CoreDNS may live there, and nobody misses them here.
    fault: build({ node: { names: [victim], mode: 'one' }, allow: ['last-ready-replica'] }),
    nowhere: build({ node: { names: ['no-such-node'], mode: 'one' } }),
    target: async ({ cluster }) => {
      const machine = (await cluster.nodes()).find(({ name }) => name === victim);
      if (machine === undefined) throw new Error(`there is no machine ${victim}`);
      return { kind: 'node', name: machine.name, zone: machine.zone, uid: '' };
    },
    restores: true,
    connect: connectKubelet,
    awaitWork: awaitKubelet,
  };
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

/** What keeps the target from answering somebody who comes anew; empty while it does. */
export async function ailmentOf(
  contract: ContractCase,
  target: ResolvedTarget,
  world: ContractWorld,
): Promise<string> {
  try {
    const line = await contract.connect(target, world);
    try {
      await line.ask(1_000);
      return '';
    } finally {
      line.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}
