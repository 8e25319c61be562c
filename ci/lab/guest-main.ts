/**
 * Runs in the lab's guest: an embedded cluster on a machine with nothing but cgroup version 2, step by step. Each step is told as
 * one line, `lab> {...}` (see verdict.ts), and the last one says that all were tried.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { messageOf } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import type { Cluster } from '../../infra/cluster.ts';
import { KubeClient } from '../../infra/kube/client.ts';
import type { Pod } from '../../infra/kube/objects.ts';
import { podReady } from '../../infra/kube/readiness.ts';
import { waitForAll } from '../../infra/kube/wait.ts';
import { killIfThere, run } from '../../infra/process/run.ts';
import { untilGone } from '../../infra/process/identity.ts';
import { cgroupTree, childGroups, pidsBelow } from '../../infra/providers/embedded/cgroup-tree.ts';
import { cgroupsOf, clusterGroup, processesOf } from '../../infra/providers/embedded/cgroups.ts';
import { embeddedProvider } from '../../infra/providers/embedded/provider.ts';
import { missingControllers } from '../../infra/providers/embedded/root-controllers.ts';
import { differences, snapshotHost } from '../../infra/providers/embedded/testing/host-snapshot.ts';
import { reap } from '../../infra/reap.ts';
import { clusterPaths, clustersRoot, readIdentity } from '../../infra/supervisor/cluster-directory.ts';
import { nodeTestSuite } from '../suites/node-tests.ts';
import { lineOf, type StepVerdict } from './verdict.ts';

const NODE = 'node-1';
const READY_WITHIN_MS = patient(60_000);
const GONE_WITHIN_MS = patient(5_000);

const env = process.env;
const tree = cgroupTree();
const paths = clusterPaths('lab', clustersRoot(env));
const provider = embeddedProvider(env);
const { signal } = new AbortController();
const lookAtGuest = () => snapshotHost(env['FIREDRILL_STATE_DIR'] ?? '', clustersRoot(env));
const group = (...names: string[]): string => join(tree.root, clusterGroup(paths.directory), ...names);
const textOf = (...names: string[]): string => readFileSync(join(...names), 'utf8').trim();

const lab: { cluster?: Cluster; hasFailed: boolean } = { hasFailed: false };

/** What a step returns says in half a line what was seen. A step after a failed one shows nothing, so it is not tried. */
async function step(name: string, act: () => Promise<string>): Promise<void> {
  if (lab.hasFailed) return;
  const startedMs = performance.now();
  let detail: string;
  try {
    detail = await act();
  } catch (error) {
    lab.hasFailed = true;
    detail = messageOf(error);
  }
  tell({ step: name, ok: !lab.hasFailed, detail, seconds: (performance.now() - startedMs) / 1_000 });
}

const tell = (verdict: StepVerdict): void => void process.stdout.write(`${lineOf(verdict)}\n`);
const up = (): Cluster => {
  assert.ok(lab.cluster, 'there is no cluster');
  return lab.cluster;
};

const restartsOf = (pod: Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? 0;

/** The pods of the cluster, which are CoreDNS, when each is Ready after at least so many restarts. */
async function readyPods(restarts = 0): Promise<readonly Pod[]> {
  using kube = new KubeClient(up().kube);
  const selection = { apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system' } as const;
  const ailmentOf = (pod: Pod): string | undefined => {
    if (restartsOf(pod) < restarts) return `one was restarted ${restartsOf(pod)} times`;
    const ready = podReady(pod);
    return ready === true ? undefined : ready;
  };
  return await waitForAll(
    kube,
    selection,
    (pods) => pods.map(ailmentOf).find((one) => one !== undefined) ?? (pods.length > 0 || 'there is none'),
    { timeoutMs: READY_WITHIN_MS, what: `the pods of CoreDNS to be Ready after ${restarts} restarts` },
  );
}

function findGroup(name: string, below: string): string | undefined {
  for (const child of childGroups(below)) {
    const found = child.endsWith(`/${name}`) ? child : findGroup(name, child);
    if (found !== undefined) return found;
  }
  return undefined;
}

const before = await lookAtGuest();

await step('machine', async () => {
  assert.equal(tree.version, 2);
  assert.deepEqual(missingControllers(tree), []);
  assert.equal(existsSync('/proc/net/if_inet6'), false);
  assert.equal(await run('/bin/sh', ['-c', 'umask; ulimit -n']), '0077\n256\n');
  const kernel = textOf('/proc/sys/kernel/osrelease');
  const controllers = textOf(tree.root, 'cgroup.controllers');
  return `Linux ${kernel}, cgroup version 2 alone (${controllers}), no IPv6, umask 077, 256 files, home read-only`;
});

await step('cgroup tests', async () => {
  const file = join(import.meta.dirname, '../../infra/providers/embedded/cgroups.real.test.ts');
  const { passed, failed, skipped } = await nodeTestSuite([file], 1, signal);
  assert.deepEqual([failed, skipped], [0, 0]);
  assert.ok(passed > 0);
  return `${passed} passed`;
});

await step('up', async () => {
  const spec = {
    name: 'lab',
    workers: 1,
    zones: 1,
    infraNodes: 0,
    machineProfile: 'bmc',
    environment: 'lab',
  } as const;
  const cluster = await provider.provision(spec, () => {}, signal);
  lab.cluster = cluster;
  return `Kubernetes ${cluster.kubernetesVersion}, ${(await cluster.nodes()).length} node`;
});

await step('container killed', async () => {
  for (const pod of await readyPods()) {
    const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
    const container = findGroup(id, group(NODE));
    assert.ok(container, `no group ${id}`);
    assert.equal(textOf(container, 'memory.oom.group'), '1');
    for (const pid of pidsBelow(container)) killIfThere(pid);
  }
  await readyPods(1);
  return 'restarted and Ready; an OOM kill would take the whole container (memory.oom.group 1)';
});

await step('freeze and thaw', async () => {
  const { machines } = up();
  await machines.freeze(NODE);
  assert.equal((await machines.inspect(NODE)).frozen, true);
  assert.match(textOf(group(NODE), 'cgroup.events'), /^frozen 1$/m);
  await machines.thaw(NODE);
  assert.equal((await machines.inspect(NODE)).frozen, false);
  return 'as cgroup.events says';
});

await step('power-off while frozen', async () => {
  const { machines } = up();
  await machines.freeze(NODE);
  await machines.powerOff(NODE);
  assert.equal((await machines.inspect(NODE)).processes, 0);
  assert.equal(existsSync(group(NODE)), false);
  return 'no process, no group';
});

await step('power-on', async () => {
  await up().machines.powerOn(NODE);
  await readyPods(2);
  return 'its pods are Ready again';
});

await step('supervisor killed, reap', async () => {
  const supervisor = readIdentity(paths.supervisor);
  assert.ok(supervisor);
  delete lab.cluster;
  process.kill(supervisor.pid, 'SIGKILL');
  await untilGone(supervisor, GONE_WITHIN_MS);
  const killedMs = performance.now();
  while (processesOf(paths.directory).length > 0)
    assert.ok(performance.now() - killedMs < GONE_WITHIN_MS, 'a node outlives its supervisor');
  const reaped = await reap(env);
  assert.deepEqual(
    reaped.map(({ cluster: name, left }) => [name, left]),
    [['lab', undefined]],
  );
  assert.deepEqual(cgroupsOf(), []);
  return 'no process, no group';
});

await step('guest as before', async () => {
  assert.deepEqual(differences(before, await lookAtGuest()), []);
  return 'processes, namespaces, links, routes, rules, mounts, loop devices, groups, controllers, files, settings';
});

if (lab.hasFailed) await lab.cluster?.collectLogs('/shared/logs');
else tell({ step: 'end', ok: true, detail: '', seconds: 0 });
