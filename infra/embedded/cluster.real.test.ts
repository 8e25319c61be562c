import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Cluster, ClusterSpec } from '../cluster.ts';
import { KubeClient } from '../kube/client.ts';
import { waitDeleted, waitForObject } from '../kube/wait.ts';
import { clusterPaths, clustersRoot } from '../state-directory.ts';
import { SupervisorClient } from '../supervisor/client.ts';
import { untilGone, type ProcessIdentity } from '../supervisor/process-identity.ts';
import type { SupervisorStatus } from '../supervisor/protocol.ts';
import { reap } from '../supervisor/reap.ts';
import { processesOf } from './cgroups.ts';
import { embeddedProvider } from './provider.ts';
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
  let directory: string;
  let untouched: HostSnapshot;
  let cluster: Cluster;
  const signal = AbortSignal.timeout(600_000);

  before(async () => {
    directory = mkdtempSync('/tmp/firedrill-test-');
    process.env['FIREDRILL_STATE_DIR'] = directory;
    untouched = await snapshotHost(directory, clustersRoot());
    cluster = await embeddedProvider.provision(spec('alpha', 2), () => {}, signal);
  });

  after(async () => {
    for (const name of await embeddedProvider.list()) await (await embeddedProvider.attach(name)).destroy();
    rmSync(directory, { recursive: true, force: true });
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
      monitoring: 'true',
    });
    kube.close();
  });

  it('keeps its kubeconfig and its control door to its owner', () => {
    const paths = clusterPaths('alpha');
    assert.equal(statSync(paths.kubeconfig).mode & 0o777, 0o600);
    assert.equal(statSync(paths.controlSocket).mode & 0o777, 0o600);
  });

  it('provides a shared volume for a claim and takes it away with the claim', async () => {
    const kube = new KubeClient(cluster.kube);
    const claim = {
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
      claim,
      (object) => object?.status?.phase === 'Bound' || 'not bound',
      { timeoutMs: 15_000 },
    );
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      name: bound?.spec?.volumeName ?? '',
    } as const;
    const directory = join(clusterPaths('alpha').shared, volume.name);
    assert.equal(statSync(directory).mode & 0o777, 0o777);
    await kube.delete(claim);
    await waitDeleted(kube, volume, { timeoutMs: 15_000 });
    assert.equal(existsSync(directory), false);
    kube.close();
  });

  it('refuses a second cluster of the same name and leaves the first alone', async () => {
    await assert.rejects(
      embeddedProvider.provision(spec('alpha'), () => {}, signal),
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

  it('opens the machine door to nobody without the token', async () => {
    const { status } = await machineDoor(cluster, 'GET', MACHINE_URL, 'a-token-of-another-cluster');
    assert.equal(status, 401);
    const control = await machineDoor(cluster, 'GET', 'https://10.188.0.1:8443/v1/status', '');
    assert.equal(control.status, 401);
  });

  it('reverts what a holder injected that fell silent', async () => {
    const supervisor = new SupervisorClient(clusterPaths('alpha').controlSocket);
    const { id } = await supervisor.call<{ id: string }>('POST', '/v1/claims', {
      session: 's',
      pid: 1,
      timeToLiveMs: 3_000,
    });
    await supervisor.call('PUT', `/v1/claims/${id}/undos/i1`, {
      verb: 'node.thaw',
      args: { node: 'node-2' },
    });
    await cluster.machines.freeze('node-2');
    const startedMs = performance.now();
    while ((await cluster.machines.inspect('node-2')).frozen) {
      assert.ok(performance.now() - startedMs < 7_000, 'still frozen after 7 s');
    }
    await assert.rejects(supervisor.call('PUT', `/v1/claims/${id}/beat`), { code: 'claim.unknown' });
  });

  it('runs beside another cluster with the same addresses', async () => {
    const other = await embeddedProvider.provision(spec('beta'), () => {}, signal);
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
    assert.deepEqual(differences(untouched, await snapshotHost(directory, clustersRoot())), []);
  });

  it('leaves nothing on the host after its supervisor is killed and the next command reaps', async () => {
    await embeddedProvider.provision(spec('gamma'), () => {}, signal);
    const paths = clusterPaths('gamma');
    const identity = JSON.parse(readFileSync(paths.supervisor, 'utf8')) as ProcessIdentity;
    const status = await new SupervisorClient(paths.controlSocket).call<SupervisorStatus>(
      'GET',
      '/v1/status',
    );
    assert.equal(status.pid, identity.pid);
    process.kill(identity.pid, 'SIGKILL');
    await untilGone(identity, 5_000);
    const killedMs = performance.now();
    while (processesOf('gamma').length > 0)
      assert.ok(performance.now() - killedMs < 2_000, 'a node outlives its supervisor');
    const reaped = await reap();
    assert.deepEqual(
      reaped.map((one) => [one.cluster, one.processes]),
      [['gamma', 0]],
    );
    assert.deepEqual(differences(untouched, await snapshotHost(directory, clustersRoot())), []);
  });
});

/** One call at the machine door from inside the cluster's network. */
async function machineDoor(
  target: Cluster,
  method: string,
  url: string,
  token: string,
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
        headers: { authorization: `Bearer ${token}` },
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
