import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CAPABILITIES } from '../../../harness/core/capability.ts';
import { type Cluster } from '../../cluster.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { KubeClient } from '../../kube/client.ts';
import { loadKubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { nodeReady, podReady } from '../../kube/readiness.ts';
import { waitForAll } from '../../kube/wait.ts';
import { EXERCISES } from './exercises.ts';
import type { ProviderFixture, StandingCluster } from './fixture.ts';

const ATTACH_WITHIN_MS = 5_000;
const SYSTEM = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const;

/** What every provider promises, whatever its clusters are made of. */
export function providerContract(fixture: ProviderFixture): void {
  const { provider } = fixture;
  void describe(`the provider ${provider.name}`, { concurrency: false }, () => {
    const signal = AbortSignal.timeout(570_000);
    let first: StandingCluster;
    let second: StandingCluster;
    let cluster: Cluster;
    let kube: KubeClient;

    before(async () => {
      first = await fixture.bringUp('first', signal);
      second = await fixture.bringUp('second', signal);
      cluster = await first.attach();
      kube = new KubeClient(cluster.kube);
    });
    after(async () => {
      kube.close();
      await second[Symbol.asyncDispose]();
      await first[Symbol.asyncDispose]();
    });

    void it('is attached to quickly and says what it is', async () => {
      const startedMs = performance.now();
      const attached = await first.attach();
      assert.ok(performance.now() - startedMs < ATTACH_WITHIN_MS, `${performance.now() - startedMs} ms`);
      const version = await kube.request<{ gitVersion: string }>({ method: 'GET', path: '/version' });
      assert.deepEqual(
        [attached.name, attached.provider, attached.uid, attached.kubernetesVersion],
        [first.name, provider.name, (await kube.get(SYSTEM)).metadata?.uid, version.gitVersion],
      );
      const machines = await attached.nodes();
      const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
      const names = nodes.items.map(({ metadata }) => metadata?.name ?? '');
      assert.deepEqual(machines.map(({ name }) => name).toSorted(), names.toSorted());
      assert.ok(machines.every(({ address }) => address !== ''));
      assert.ok(machines.filter(({ role }) => role === 'worker').length >= 2);
    });

    void it('is found by plain kubectl, and a name that it does not have is told', async () => {
      const target = await loadKubeconfig({ path: cluster.kubeconfigPath, env: process.env });
      const plain = new KubeClient(target);
      assert.equal((await plain.get(SYSTEM)).metadata?.uid, cluster.uid);
      plain.close();
      assert.ok((await provider.list()).length > 0);
      await assert.rejects(provider.attach('nobody-has-this-name'), { code: 'cluster.unknown' });
    });

    void it('leads to the ports of pods, and says so where there is none', async () => {
      const address = await dnsAddress(kube, signal);
      assert.match(await ask(cluster, address, 8080), /^HTTP\/1\.1 200 OK/);
      await assert.rejects(ask(cluster, '203.0.113.7', 8080));
    });

    void it('is held by one session at a time, with all its processes', async () => {
      const launcher = await cluster.hold('contract-1');
      const worker = await (await first.attach()).hold('contract-1');
      await assert.rejects(cluster.hold('contract-2'), { code: 'hold.taken' });
      await worker.registerUndo('i1', { verb: 'node.thaw', args: { node: 'none' } });
      const { holds } = await cluster.undone();
      assert.deepEqual(holds.map(({ session, undos }) => [session, undos]).toSorted(), [
        ['contract-1', 0],
        ['contract-1', 1],
      ]);
      await worker.forgetUndo('i1');
      await worker.release();
      await assert.rejects(cluster.hold('contract-2'), { code: 'hold.taken' });
      assert.equal(launcher.lost, undefined);
      await launcher.release();
      const next = await cluster.hold('contract-2');
      await next.release();
      assert.deepEqual((await cluster.undone()).holds, []);
    });

    for (const capability of CAPABILITIES) {
      void it(`can do, or refuses with a reason: ${capability}`, async () => {
        const worker = (await cluster.nodes()).findLast(({ role }) => role === 'worker');
        const exercise = { cluster, kube, node: worker?.name ?? '', signal };
        const answer = cluster.can(capability);
        if (answer.yes) await EXERCISES[capability].shows(exercise);
        else {
          assert.match(answer.reason, /\w+ \w+ \w+/);
          await EXERCISES[capability].refuses(exercise);
        }
      });
    }

    void it('has nothing left of all this', async () => {
      const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
      for (const node of nodes.items) {
        assert.equal(nodeReady(node), true, node.metadata?.name);
        assert.notEqual(node.spec?.unschedulable, true, node.metadata?.name);
      }
      if (cluster.can('node.power').yes) {
        for (const { name } of await cluster.nodes()) {
          const { processes, frozen, cable } = await cluster.machines.inspect(name);
          assert.deepEqual([processes > 0, frozen, cable], [true, false, 'in'], name);
        }
      }
      assert.deepEqual((await cluster.undone()).holds, []);
    });

    void it('gives its logs', async () => {
      const directory = temporaryDirectory('logs');
      await cluster.collectLogs(directory);
      const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
      assert.ok(files.some((file) => statSync(join(directory, file)).size > 0));
    });

    void it('stands beside another one, and neither knows of the other', async () => {
      const other = await second.attach();
      assert.notEqual(other.uid, cluster.uid);
      const holds = await Promise.all([cluster.hold('left'), other.hold('right')]);
      const there = new KubeClient(other.kube);
      const mark = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'contract-here',
      } as const;
      const { apiVersion, kind, ...metadata } = mark;
      await kube.create({ apiVersion, kind, metadata });
      assert.equal(await there.find(mark), undefined);
      await kube.delete(mark);
      there.close();
      for (const hold of holds) await hold.release();
    });

    void it('ends what it has made, and nothing that it has not', async () => {
      const other = await second.attach();
      if (other.borrowed === true) {
        await assert.rejects(provider.end(second.name, { force: true }), { code: 'cluster.not-ours' });
        await assert.rejects(other.destroy(), { code: 'cluster.not-ours' });
        assert.equal((await second.attach()).uid, other.uid);
      } else {
        await provider.end(second.name, { force: false });
        assert.equal((await provider.list()).includes(second.name), false);
        await assert.rejects(second.attach(), { code: 'cluster.unknown' });
      }
      assert.equal((await kube.get(SYSTEM)).metadata?.uid, cluster.uid);
    });
  });
}

async function dnsAddress(kube: KubeClient, signal: AbortSignal): Promise<string> {
  const selection = { apiVersion: 'v1', kind: 'Pod', labelSelector: 'k8s-app=kube-dns' } as const;
  let address = '';
  await waitForAll(
    kube,
    selection,
    (pods) => {
      address = pods.find((pod) => podReady(pod) === true)?.status?.podIP ?? '';
      return address !== '' || 'no DNS server is ready';
    },
    { timeoutMs: 120_000, signal },
  );
  return address;
}

/** CoreDNS says on this port whether it is well. */
async function ask(cluster: Cluster, address: string, port: number): Promise<string> {
  const connection = await cluster.connect(address, port);
  connection.write('GET /health HTTP/1.1\r\nHost: dns\r\nConnection: close\r\n\r\n');
  let answer = '';
  for await (const chunk of connection) answer += String(chunk);
  return answer;
}
