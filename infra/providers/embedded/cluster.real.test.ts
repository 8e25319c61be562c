import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Cluster, ClusterSpec, MachineCall } from '../../cluster.ts';
import { KubeClient } from '../../kube/client.ts';
import { podReady, waitDeleted, waitForObject } from '../../kube/wait.ts';
import { clusterPaths, clustersRoot } from '../../supervisor/cluster-directory.ts';
import { SupervisorClient } from '../../supervisor/client.ts';
import { run } from '../../process/run.ts';
import { untilGone, type ProcessIdentity } from '../../process/identity.ts';
import { ANSWERS } from '../../supervisor/protocol.ts';
import { reap } from '../../reap.ts';
import { liftQuarantines } from '../../supervisor/reap.ts';
import { processesOf } from './cgroups.ts';
import { embeddedProvider } from './provider.ts';
import { ownStateDirectory } from './testing/own-state-directory.ts';
import { differences, snapshotHost, type HostSnapshot } from './testing/host-snapshot.ts';

const MACHINE_URL = 'https://10.188.0.1:8443/v1/machines';
const spec = (name: string, workers = 1): ClusterSpec => ({
  name,
  workers,
  zones: 3,
  infraNodes: 0,
  machineProfile: 'bmc',
  environment: 'test',
});

describe('an embedded cluster', { concurrency: false }, () => {
  const env = ownStateDirectory();
  const provider = embeddedProvider(env);
  const root = clustersRoot(env);
  const lookAtHost = () => snapshotHost(env.FIREDRILL_STATE_DIR, root);
  let untouched: HostSnapshot;
  let cluster: Cluster;
  const signal = AbortSignal.timeout(600_000);

  before(async () => {
    untouched = await lookAtHost();
    cluster = await provider.provision(spec('alpha', 2), () => {}, signal);
  });

  it('has real nodes that are Ready and says what it is', async () => {
    const kube = new KubeClient(cluster.kube);
    const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' });
    assert.deepEqual(nodes.items.map((node) => node.metadata?.name).sort(), ['node-1', 'node-2']);
    const config = await kube.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'kube-system',
      name: 'cluster-config',
    });
    assert.deepEqual(config.data, {
      'cluster-name': 'alpha',
      environment: 'test',
      'auto-scaling': 'false',
      monitoring: 'false',
    });
    kube.close();
  });

  it('keeps its kubeconfig and its control door to its owner', () => {
    const paths = clusterPaths('alpha', root);
    assert.equal(statSync(paths.kubeconfig).mode & 0o777, 0o600);
    assert.equal(statSync(paths.controlSocket).mode & 0o777, 0o600);
  });

  it('provides a shared volume for a claim and takes it away with the claim', async () => {
    const kube = new KubeClient(cluster.kube);
    const hold = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: 'default',
      name: 'data',
    } as const;
    await kube.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default' },
      spec: {
        storageClassName: 'shared',
        accessModes: ['ReadWriteMany'],
        resources: { requests: { storage: '1Mi' } },
      },
    });
    const bound = await waitForObject(
      kube,
      hold,
      (object) => object?.status?.phase === 'Bound' || 'not bound',
      { timeoutMs: 15_000 },
    );
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      name: bound?.spec?.volumeName ?? '',
    } as const;
    const directory = join(clusterPaths('alpha', root).shared, volume.name);
    assert.equal(statSync(directory).mode & 0o777, 0o777);
    await kube.delete(hold);
    await waitDeleted(kube, volume, { timeoutMs: 15_000 });
    assert.equal(existsSync(directory), false);
    kube.close();
  });

  it('refuses a second cluster of the same name and leaves the first alone', async () => {
    await assert.rejects(
      provider.provision(spec('alpha'), () => {}, signal),
      { code: 'cluster.name-in-use' },
    );
    assert.equal((await cluster.nodes()).length, 2);
  });

  it('stops every process of a node at once, and starts it again', async () => {
    await cluster.machines.powerOff('node-2');
    const off = await cluster.machines.inspect('node-2');
    assert.deepEqual([off.processes, off.cable], [0, 'absent']);
    await cluster.machines.powerOn('node-2');
    assert.ok((await cluster.machines.inspect('node-2')).processes > 0);
  });

  it('freezes and thaws a node, pulls and plugs its cable, and cuts the power of a frozen one', async () => {
    await cluster.machines.freeze('node-2');
    assert.equal((await cluster.machines.inspect('node-2')).frozen, true);
    await cluster.machines.thaw('node-2');
    assert.equal((await cluster.machines.inspect('node-2')).frozen, false);
    await cluster.machines.cableOut('node-2');
    assert.equal((await cluster.machines.inspect('node-2')).cable, 'out');
    await cluster.machines.cableIn('node-2');
    assert.equal((await cluster.machines.inspect('node-2')).cable, 'in');
    await cluster.machines.freeze('node-2');
    await cluster.machines.powerOff('node-2');
    assert.equal((await cluster.machines.inspect('node-2')).processes, 0);
    await cluster.machines.powerOn('node-2');
  });

  it('opens the machine door to its own token only, and to the machine verbs only', async () => {
    const kube = new KubeClient(cluster.kube);
    const secrets = await kube.list({ apiVersion: 'v1', kind: 'Secret' });
    kube.close();
    const secret = secrets.items.find((one) => one.data?.['token'] !== undefined);
    const token = Buffer.from(secret?.data?.['token'] ?? '', 'base64').toString('utf8');
    const ask = async (method: string, url: string, given: string | undefined) =>
      (await machineDoor(cluster, method, url, given)).status;
    assert.equal(await ask('GET', MACHINE_URL, token), 200);
    for (const path of ['/v1/status', '/v1/down', '/v1/nodes/node-1/freeze', '/v1/machines/node-1/freeze'])
      assert.equal(await ask('POST', `https://10.188.0.1:8443${path}`, token), 404, path);
    // As long as the right one.
    assert.equal(await ask('GET', MACHINE_URL, 'f'.repeat(token.length)), 401);
    assert.equal(await ask('GET', MACHINE_URL, undefined), 401);
  });

  it('refuses a pod that has no token, and writes every call down without the token', async () => {
    const kube = new KubeClient(cluster.kube);
    const dns = { apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system' } as const;
    const pods = await kube.list({ ...dns, labelSelector: 'k8s-app=kube-dns' });
    const name = pods.items[0]?.metadata?.name ?? '';
    const pod = await waitForObject(
      kube,
      { ...dns, name },
      (object) =>
        object?.status?.phase === 'Running' ||
        `on ${object?.spec?.nodeName ?? 'no node'}: ${String(podReady(object))}`,
      { timeoutMs: 60_000 },
    );
    kube.close();
    const podIp = pod?.status?.podIP ?? '';
    const pid = processesOf(clusterPaths('alpha', root).directory).find((one) =>
      addressesOf(one).includes(podIp),
    );
    assert.ok(pid, 'no process of the pod was found');
    const script = `fetch(${JSON.stringify(MACHINE_URL)}).then((r) => console.log(r.status), (e) => console.log(String(e.cause)))`;
    const answered = await run('nsenter', [
      `--net=/proc/${pid}/ns/net`,
      'env',
      'NODE_TLS_REJECT_UNAUTHORIZED=0',
      process.execPath,
      '-e',
      script,
    ]);
    assert.equal(answered.trim(), '401');
    const log = readFileSync(clusterPaths('alpha', root).machineLog, 'utf8');
    const lines = log.trim().split('\n');
    const calls = lines.map((line) => JSON.parse(line) as MachineCall);
    assert.deepEqual(
      calls.filter((call) => call.caller.endsWith(podIp)).map((call) => call.result),
      ['refused: unauthorized'],
    );
    assert.ok(calls.some((call) => call.result.startsWith('node-1=on')));
    assert.doesNotMatch(log, /[0-9a-f]{32}/);
  });

  it('reverts what a holder injected that fell silent', async () => {
    const supervisor = new SupervisorClient(clusterPaths('alpha', root).controlSocket);
    const { id } = await supervisor.ask(ANSWERS.hold, 'POST', '/v1/holds', {
      session: 's',
      pid: 1,
      timeToLiveMs: 3_000,
    });
    await supervisor.call('PUT', `/v1/holds/${id}/undos/i1`, {
      verb: 'node.thaw',
      args: { node: 'node-2' },
    });
    await cluster.machines.freeze('node-2');
    const startedMs = performance.now();
    while ((await cluster.machines.inspect('node-2')).frozen) {
      assert.ok(performance.now() - startedMs < 7_000, 'still frozen after 7 s');
    }
    await assert.rejects(supervisor.call('PUT', `/v1/holds/${id}/beat`), { code: 'hold.unknown' });
    // The record is complete when the hold is gone; the effect goes a moment before.
    let answer = await cluster.undone();
    while (answer.holds.length > 0) {
      assert.ok(performance.now() - startedMs < 7_000, 'the hold is still held after 7 s');
      answer = await cluster.undone();
    }
    assert.deepEqual(
      answer.undone.map(({ session, injectionId, verb, node, why, ok }) => [
        session,
        injectionId,
        verb,
        node,
        why,
        ok,
      ]),
      [['s', 'i1', 'node.thaw', 'node-2', 'lapsed', true]],
    );
  });

  it('is quarantined when an undo fails, until reap has shown it clean', async () => {
    const supervisor = new SupervisorClient(clusterPaths('alpha', root).controlSocket);
    const hold = await cluster.hold('careless');
    await hold.registerUndo('i2', { verb: 'node.nonsense', args: { node: 'node-1' } });
    await hold.release();
    const status = await supervisor.ask(ANSWERS.status, 'GET', '/v1/status');
    assert.equal(status.quarantined, true);
    await assert.rejects(cluster.hold('next'), { code: 'cluster.quarantined' });
    const [still] = await liftQuarantines(root);
    assert.match(still?.left.join() ?? '', /node\.nonsense node-1/);
    // As if the next version knew the verb.
    const paths = clusterPaths('alpha', root);
    writeFileSync(paths.quarantine, readFileSync(paths.quarantine, 'utf8').replace('nonsense', 'thaw'));
    await cluster.machines.freeze('node-2');
    assert.deepEqual(await liftQuarantines(root), [{ cluster: 'alpha', left: ['node-2 is frozen'] }]);
    await cluster.machines.thaw('node-2');
    assert.deepEqual(await liftQuarantines(root), [{ cluster: 'alpha', left: [] }]);
    await (await cluster.hold('next')).release();
  });

  it('runs beside another cluster with the same addresses', async () => {
    const other = await provider.provision(spec('beta'), () => {}, signal);
    try {
      assert.notEqual(other.uid, cluster.uid);
      assert.deepEqual(
        (await other.nodes()).map((node) => node.address),
        ['10.188.1.1'],
      );
    } finally {
      await other.destroy();
    }
  });

  it('replaces a machine by one with a new name', async () => {
    const replacement = await cluster.machines.replace('node-2');
    assert.equal(replacement, 'node-3');
    assert.equal((await cluster.machines.inspect('node-2')).exists, false);
  });

  it('leaves nothing on the host after down', async () => {
    await cluster.destroy();
    assert.deepEqual(differences(untouched, await lookAtHost()), []);
  });

  it('leaves nothing on the host after its supervisor is killed and the next command reaps', async () => {
    await provider.provision(spec('gamma'), () => {}, signal);
    const paths = clusterPaths('gamma', root);
    const identity = JSON.parse(readFileSync(paths.supervisor, 'utf8')) as ProcessIdentity;
    const status = await new SupervisorClient(paths.controlSocket).ask(ANSWERS.status, 'GET', '/v1/status');
    assert.equal(status.pid, identity.pid);
    process.kill(identity.pid, 'SIGKILL');
    await untilGone(identity, 5_000);
    const killedMs = performance.now();
    while (processesOf(paths.directory).length > 0)
      assert.ok(performance.now() - killedMs < 2_000, 'a node outlives its supervisor');
    const reaped = await reap(env);
    assert.deepEqual(
      reaped.map((one) => [one.cluster, one.processes]),
      [['gamma', 0]],
    );
    assert.deepEqual(differences(untouched, await lookAtHost()), []);
  });
});

/** Local addresses in the network namespace of a process, without entering it. */
function addressesOf(pid: number): string[] {
  let trie: string;
  try {
    trie = readFileSync(`/proc/${pid}/net/fib_trie`, 'utf8');
  } catch (error) {
    // A program of the node that has ended since it was listed.
    if (['ENOENT', 'EINVAL', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  return [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] ?? '');
}

/** One call at the machine door from inside the cluster's network. */
async function machineDoor(
  target: Cluster,
  method: string,
  url: string,
  token: string | undefined,
): Promise<{ status: number }> {
  const { request } = await import('node:https');
  const { connect } = await import('node:tls');
  const { hostname, port, pathname } = new URL(url);
  const raw = await target.connect(hostname, Number(port));
  const socket = connect({ socket: raw, rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    const call = request(
      {
        method,
        path: pathname,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        createConnection: () => socket,
      },
      (response) => {
        response.resume();
        response.on('end', () => {
          socket.destroy();
          resolve({ status: response.statusCode ?? 0 });
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
