import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Cluster, ClusterSpec } from '../../cluster.ts';
import { KubeClient } from '../../kube/client.ts';
import { nodeReady } from '../../kube/readiness.ts';
import { waitForObject } from '../../kube/wait.ts';
import { clusterPaths, clustersRoot, readIdentity } from '../../supervisor/cluster-directory.ts';
import { run } from '../../process/run.ts';
import { untilGone } from '../../process/identity.ts';
import { reap } from '../../reap.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { findEngine } from '../../engine/find-engine.ts';
import { CLUSTER_LABEL, kindName, type KindPlan } from './kind-plan.ts';
import { containersOf } from './containers.ts';
import { kindProvider } from './provider.ts';
import { kindSettings } from './settings.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

const search = await findEngine(kindSettings(process.env), process.env);
const skip = search.engine === undefined ? search.reasons.join('; ') : false;
const NAME = `real-${process.pid}`;

function specOf(name: string): ClusterSpec {
  return { name, workers: 2, zones: 2, infraNodes: 0, machineProfile: 'bmc', environment: 'test' };
}

describe('a real kind cluster', { concurrency: false, skip }, () => {
  const signal = AbortSignal.timeout(540_000);
  const engine = new ContainerEngine(search.engine?.name ?? 'docker', process.env);
  const directory = temporaryDirectory('test');
  const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
  const provider = kindProvider(env);
  const root = clustersRoot(env);
  let cluster: Cluster;

  const plan = (): KindPlan => JSON.parse(readFileSync(clusterPaths(NAME, root).spec, 'utf8')) as KindPlan;
  const kind = async (...args: readonly string[]): Promise<string> =>
    await run(plan().kindPath, args, {
      env: { ...env, KIND_EXPERIMENTAL_PROVIDER: engine.name },
    });

  before(async () => {
    cluster = await provider.provision(specOf(NAME), () => {}, signal);
  });
  after(async () => {
    for (const name of await provider.list()) await provider.end(name, { force: true });
  });

  it('is in no kubeconfig of the user, and says where it is and that it may be broken', async () => {
    const kube = new KubeClient(cluster.kube);
    const system = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system' } as const;
    const config = await kube.get({ ...system, name: 'cluster-config' });
    assert.equal(config.data?.['cluster-name'], NAME);
    assert.equal((await kube.get({ ...system, name: 'firedrill-target' })).data?.['provisioned'], 'true');
    const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    const zones = nodes.items.map(({ metadata }) => metadata?.labels?.['topology.kubernetes.io/zone'] ?? '');
    assert.deepEqual(zones.toSorted(), ['zone-1', 'zone-1', 'zone-2']);
    kube.close();
  });

  it("gives a replacement that is one of kind's own nodes", async () => {
    const replacement = await cluster.machines.replace(`${kindName(NAME)}-worker2`);
    assert.equal(replacement, `${kindName(NAME)}-worker3`);
    const kube = new KubeClient(cluster.kube);
    const node = { apiVersion: 'v1', kind: 'Node', name: replacement } as const;
    await waitForObject(kube, node, nodeReady, { timeoutMs: 90_000, signal });
    assert.equal((await kube.get(node)).metadata?.labels?.['topology.kubernetes.io/zone'], 'zone-2');
    kube.close();
    const nodes = (await kind('get', 'nodes', '--name', kindName(NAME))).trim().split('\n');
    assert.deepEqual(nodes.toSorted(), [
      `${kindName(NAME)}-control-plane`,
      `${kindName(NAME)}-worker`,
      replacement,
    ]);
  });

  it('refuses a name that a cluster of somebody else has, and leaves that one alone', async () => {
    const foreign = `theirs-${process.pid}`;
    const inspected = await engine.call(['container', 'inspect', `${kindName(NAME)}-worker`]);
    const image = (JSON.parse(inspected) as readonly { Image: string }[])[0]?.Image ?? '';
    const label = `${CLUSTER_LABEL}=${kindName(foreign)}`;
    await engine.call(['create', '--name', `${kindName(foreign)}-worker`, '--label', label, image]);
    try {
      await assert.rejects(
        provider.provision(specOf(foreign), () => {}, signal),
        {
          code: 'cluster.name-in-use',
        },
      );
      assert.equal((await containersOf(engine, kindName(foreign))).length, 1);
    } finally {
      await engine.call(['rm', '--force', `${kindName(foreign)}-worker`]);
    }
  });

  it('leaves nothing where its node image cannot be had', async () => {
    const name = `bare-${process.pid}`;
    const image = 'localhost/firedrill-no-such-image:v0';
    await assert.rejects(
      kindProvider({ ...env, FIREDRILL_NODE_IMAGE: image }).provision(specOf(name), () => {}, signal),
      {
        code: 'kind.image-missing',
        userError: true,
        message: /no-such-image/,
      },
    );
    assert.deepEqual(readdirSync(root), [NAME]);
    assert.deepEqual(await containersOf(engine, kindName(name)), []);
  });

  it('is taken away by the next command when its supervisor was killed, its replacement with it', async () => {
    const supervisor = readIdentity(clusterPaths(NAME, root).supervisor);
    assert.ok(supervisor);
    process.kill(supervisor.pid, 'SIGKILL');
    await untilGone(supervisor, 5_000);
    assert.equal((await containersOf(engine, kindName(NAME))).length, 3);
    assert.deepEqual(
      (await reap(env)).map(({ cluster: reaped, containers, left }) => [reaped, containers, left]),
      [[NAME, 3, undefined]],
    );
    assert.deepEqual(await containersOf(engine, kindName(NAME)), []);
    assert.deepEqual(readdirSync(root), []);
  });
});
