import { rmSync } from 'node:fs';
import type { Cluster, ClusterSpec } from '../cluster.ts';
import { KubeClient } from '../kube/client.ts';
import type { Node } from '../kube/objects.ts';
import { nodeReady } from '../kube/readiness.ts';
import { waitForAll } from '../kube/wait.ts';
import { makeTemporaryFolder } from '../process/temporary-folder.ts';
import { chooseProvider, providersOf } from '../provider.ts';
import type { StandingCluster } from './contract/fixture.ts';
import type { SharedFixture } from './shared-fixture.ts';
import { ownIdentity } from '../process/identity.ts';

/** Names the state directory of the lab cluster that a suite has brought up. */
const LAB = 'FIREDRILL_LAB_STATE_DIR';
const IN_ORDER_WITHIN_MS = 60_000;

/** As large as the most demanding of its tests needs it; it ends with the process that brought it up. */
const SPEC: ClusterSpec = {
  // Every cluster of an engine has its own name, whoever has made it.
  name: `lab-${process.pid}`,
  workers: 3,
  zones: 3,
  infraNodes: 1,
  machineProfile: 'bmc',
  environment: 'test',
  owner: ownIdentity(),
};

/** Brings up the cluster that the test files of a suite share, by the provider that this machine prefers. */
export async function bringUpLab(signal: AbortSignal): Promise<SharedFixture> {
  const directory = makeTemporaryFolder('fd-lab-', '/tmp');
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rmSync(directory, { recursive: true, force: true }));
  const provider = await chooseProvider(undefined, providersOf(environmentOf(directory)));
  const cluster = await provider.provision(SPEC, () => undefined, signal);
  undo.defer(() => cluster.destroy());
  const owned = undo.move();
  return { environment: { [LAB]: directory }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * The lab cluster of the suite, or one of its own for a test file that runs alone; all its nodes are ready for pods.
 * Whoever uses it takes away what they have put there.
 */
export async function labCluster(signal: AbortSignal): Promise<StandingCluster> {
  const standing = process.env[LAB];
  const own = standing === undefined ? await bringUpLab(signal) : undefined;
  const env = environmentOf(standing ?? own?.environment[LAB] ?? '');
  const provider = await chooseProvider(undefined, providersOf(env));
  const [name = ''] = await provider.list();
  await inOrder(await provider.attach(name), signal);
  return {
    name,
    env,
    attach: () => provider.attach(name),
    [Symbol.asyncDispose]: async () => {
      await own?.[Symbol.asyncDispose]();
    },
  };
}

function environmentOf(stateDirectory: string): NodeJS.ProcessEnv {
  return { ...process.env, FIREDRILL_STATE_DIR: stateDirectory };
}

/** The file before may have switched a machine off: its taint goes a little after its node is Ready again. */
async function inOrder(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const kube = new KubeClient(cluster.kube);
  try {
    await waitForAll(
      kube,
      { apiVersion: 'v1', kind: 'Node' } as const,
      (nodes) => nodes.map(ailmentOf).find((ailment) => ailment !== undefined) ?? true,
      { timeoutMs: IN_ORDER_WITHIN_MS, signal },
    );
  } finally {
    kube.close();
  }
}

function ailmentOf(node: Node): string | undefined {
  const ready = nodeReady(node);
  if (ready !== true) return ready;
  const taint = node.spec?.taints?.find(({ key }) => key.startsWith('node.kubernetes.io/'));
  return taint && `${node.metadata?.name ?? ''} has the taint ${taint.key}`;
}
