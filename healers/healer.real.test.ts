import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { describeError } from '../harness/core/errors.ts';
import type { KubeClient } from '../infra/kube/client.ts';
import { sharedApiServer, type SharedApiServer } from '../infra/kube/testing/shared-api-server.ts';
import type { HealerConfig } from './config.ts';
import { PAUSE_ANNOTATION } from './cluster/pause-watch.ts';
import { runHealer } from './healer.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from './policy/node-policy.ts';
import { REMEDIATION_ANNOTATION } from './cluster/nodes.ts';
import { verifyChain, type AuditLine } from './runtime/audit-chain.ts';
import { testCertificate, type TestCertificate } from './testing/certificate.ts';
import { admitHealer } from './testing/admitted-guest.ts';
import { FakeFleet } from './testing/fake-fleet.ts';
import { freePort } from '../harness/testing/free-port.ts';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

const NAMESPACE = 'firedrill-system';
const NODE = { apiVersion: 'v1', kind: 'Node' } as const;

let server: SharedApiServer;
let kube: KubeClient;
let fleet: FakeFleet;
let certificate: TestCertificate;
let machinesUrl: string;
let port: number;

before(async () => {
  server = await sharedApiServer();
  kube = server.client();
  certificate = await testCertificate();
  port = await freePort();
  fleet = new FakeFleet(kube, certificate, await freePort());
  writeFileSync(join(certificate.directory, 'token'), fleet.machines.token);
  machinesUrl = await fleet.machines.listen();
  for (const name of [NAMESPACE, 'kube-node-lease']) {
    const exists = await kube.find({ apiVersion: 'v1', kind: 'Namespace', name });
    if (exists === undefined) await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  // The healers run as a user that has the generated rights and no other, held to its limits: a call beyond them is denied.
  await admitHealer(kube, server.client({}, server.guest), NAMESPACE);
  for (const name of ['node-1', 'node-2', 'node-3', 'node-4', 'node-5']) await fleet.add(name);
});

after(async () => {
  await fleet.close();
  await server.stop();
});

const running = new Set<Replica>();
afterEach(async () => {
  for (const replica of running) await replica.end();
});

/** One healer replica on a loopback address of its own. */
class Replica {
  readonly host: string;
  readonly auditPath: string;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #failure = '';

  constructor(name: string, host: string, policy: Partial<NodePolicy> = {}) {
    this.host = host;
    this.auditPath = join(temporaryDirectory('healer-state'), 'audit.jsonl');
    const config: HealerConfig = {
      port,
      auditPath: this.auditPath,
      token: 'of both',
      machines: {
        url: machinesUrl,
        caFile: certificate.certFile,
        tokenFile: join(certificate.directory, 'token'),
      },
      node: { ...DEFAULT_NODE_POLICY, mode: 'act', coolDownMs: 0, budgetPerPool: 100, ...policy },
    };
    const setting = { target: server.guest, namespace: NAMESPACE, pod: name, podUid: `uid-${name}`, host };
    running.add(this);
    this.#done = runHealer(setting, config, this.#stop.signal);
    this.#done.catch((error: unknown) => {
      this.#failure = describeError(error);
    });
  }

  get audit(): readonly AuditLine[] {
    const text = readFileSync(this.auditPath, 'utf8').trimEnd();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as AuditLine);
  }

  has(event: AuditLine['event'], detail: RegExp = /./): boolean {
    return this.audit.some((line) => line.event === event && detail.test(line.detail));
  }

  /** Ends it without a look at what it did: a healer that a failed test leaves behind would lead in the next one. */
  async end(): Promise<void> {
    running.delete(this);
    this.#stop.abort();
    await this.#done.catch(() => undefined);
  }

  async stop(): Promise<void> {
    running.delete(this);
    this.#stop.abort();
    await this.#done;
    const texts = readFileSync(this.auditPath, 'utf8').trimEnd().split('\n');
    assert.equal(verifyChain(texts).ok, true, 'the audit chain is whole');
    assert.deepEqual(
      this.audit.filter((line) => /40[13]|forbidden/i.test(line.detail)),
      [],
      'no call was denied',
    );
  }

  get story(): string {
    const lines = this.audit.map(
      ({ monoMs, event, subject, detail }) => `${monoMs.toFixed(0)} ${event} ${subject} ${detail}`,
    );
    return [...lines, this.#failure].join('\n');
  }
}

async function ownPod(name: string, host: string, nodeName: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace: NAMESPACE, name } as const;
  await kube.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: NAMESPACE, labels: { 'app.kubernetes.io/name': 'firedrill-healer' } },
    spec: { nodeName, containers: [{ name: 'healer', image: 'healer' }] },
  });
  const status = {
    podIP: host,
    podIPs: [{ ip: host }],
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  await kube.patch(ref, 'merge', { status }, { subresource: 'status' });
}

async function until(
  check: () => boolean | Promise<boolean>,
  replica: Replica,
  withinMs = 20_000,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > deadlineMs)
      assert.fail(`not within ${withinMs} ms: ${check.toString()}\n${replica.story}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function gone(name: string): Promise<boolean> {
  return (await kube.find({ ...NODE, name })) === undefined;
}

test('a node that lost its power is cordoned, fenced, emptied, replaced and retired', async () => {
  await fleet.addPod('web-1', 'node-2');
  await fleet.addPod('web-2', 'node-2');
  const replica = new Replica('healer-a', '127.0.1.1');
  await until(() => replica.has('leader'), replica);
  const cutAtMs = performance.now();
  await fleet.powerOff('node-2');
  await until(async () => await gone('node-2'), replica);
  const goneAfterMs = performance.now() - cutAtMs;
  await until(() => replica.has('recovered'), replica);

  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'default' });
  assert.deepEqual(pods.items, []);
  assert.ok(await kube.find({ ...NODE, name: 'node-2-r' }));
  assert.deepEqual(
    fleet.machines.calls.map(({ call, node }) => `${call} ${node}`),
    ['power-off node-2', 'replace node-2'],
  );
  assert.equal(new Set(fleet.machines.calls.map(({ attempt }) => attempt)).size, 1);
  assert.deepEqual(
    replica.audit.filter((line) => line.event === 'acted').map((line) => line.action),
    ['Cordon', 'PowerOff', 'DeletePods', 'Taint', 'Replace', 'DeleteNode'],
  );
  assert.ok(goneAfterMs < 5000, `${goneAfterMs} ms\n${replica.story}`);
  const metrics = await (await fetch(`http://127.0.1.1:${port}/metrics`)).text();
  for (const figure of [
    'firedrill_healer_leader 1',
    'firedrill_healer_actions_total{action="PowerOff",result="ok"} 1',
    'firedrill_healer_stage_seconds_count{stage="recover"} 1',
    'firedrill_healer_unhealthy 0',
    'firedrill_healer_breaker_open 0',
  ]) {
    assert.ok(metrics.includes(figure), `${figure} is not in\n${metrics}`);
  }
  await replica.stop();
  const events = await kube.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace: 'default' });
  const reasons = events.items.map((event) => event.reason);
  for (const reason of ['NodeCordon', 'NodePowerOff', 'NodeDeletePods', 'NodeReplace']) {
    assert.ok(reasons.includes(reason), `no Event ${reason} in ${reasons.join(', ')}`);
  }
});

test('a silent machine that is said to be on is fenced once the other healer does not hear it either; a second leader goes on', async () => {
  // Short waits: the fake kubelets renew four times a second.
  const quick = {
    leaseOverdueMs: 2000,
    leaseOverdueAloneMs: 60_000,
    leaseOverdueUnansweredMs: 60_000,
    standbyFreshMs: 1500,
    silenceMs: 1000,
    calmProbeEveryMs: 500,
  };
  await ownPod('healer-b', '127.0.1.2', 'node-1');
  await ownPod('healer-c', '127.0.1.3', 'node-4');
  const first = new Replica('healer-b', '127.0.1.2', quick);
  await until(() => first.has('leader'), first);
  const second = new Replica('healer-c', '127.0.1.3', quick);
  await until(
    async () => (await fetch(`http://127.0.1.3:${port}/ready`).catch(() => ({ ok: false }))).ok,
    second,
  );
  await fleet.addPod('web-3', 'node-3');
  await fleet.silence('node-3');
  await until(async () => await gone('node-3'), first);
  assert.ok(first.has('detected', /also for the other healer/), first.story);

  await first.stop();
  await until(() => second.has('leader', /leads/), second);
  await fleet.powerOff('node-5');
  await until(async () => await gone('node-5'), second);
  await second.stop();
});

test('a node that is not Ready is cordoned and drained; when it is Ready again, the cordon is taken back', async () => {
  await fleet.addPod('web-5', 'node-1');
  await fleet.addPod('web-6', 'node-1');
  const replica = new Replica('healer-e', '127.0.1.5', { aliveForMs: 300, readyForMs: 300 });
  await until(() => replica.has('leader'), replica);
  await fleet.report('node-1', 'False');
  await until(() => replica.audit.filter((line) => line.action === 'Evict').length >= 2, replica);
  assert.equal((await kube.get({ ...NODE, name: 'node-1' })).spec?.unschedulable, true);
  await fleet.report('node-1', 'True');
  await until(() => replica.has('recovered', /our cordon taken back/), replica);
  const node = await kube.get({ ...NODE, name: 'node-1' });
  assert.equal(node.spec?.unschedulable, undefined);
  assert.equal(node.metadata?.annotations?.[REMEDIATION_ANNOTATION], undefined);
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'default' });
  for (const pod of pods.items.filter((each) => each.spec?.nodeName === 'node-1')) {
    assert.ok(pod.metadata?.deletionTimestamp, `${pod.metadata?.name ?? ''} was evicted`);
    assert.equal(pod.metadata.deletionGracePeriodSeconds, 30, 'with its own grace');
  }
  assert.ok(!fleet.machines.calls.some(({ node: each }) => each === 'node-1'), 'nothing was fenced');
  await replica.stop();
});

test("a person's uncordon ends the treatment, and it does not begin again", async () => {
  const replica = new Replica('healer-f', '127.0.1.6', {
    fenceAfterDrain: false,
    drainDeadlineMs: 500,
    readyForMs: 300,
  });
  await until(() => replica.has('leader'), replica);
  await fleet.report('node-1', 'False');
  await until(() => replica.has('refused', /policy forbids fencing/), replica);
  await kube.patch({ ...NODE, name: 'node-1' }, 'merge', { spec: { unschedulable: null } });
  await until(() => replica.has('acted', /cancelled by a person/), replica);
  await until(() => replica.has('refused', /a person took this node over/), replica);
  assert.equal((await kube.get({ ...NODE, name: 'node-1' })).spec?.unschedulable, undefined);
  await fleet.report('node-1', 'True');
  await until(() => replica.has('acted', /record removed/), replica);
  await replica.stop();
});

test('a node that could not be drained in time is fenced and replaced', async () => {
  const replica = new Replica('healer-g', '127.0.1.7', {
    drainDeadlineMs: 1000,
    drainGraceMs: 0,
    drainStepMs: 100,
  });
  await until(() => replica.has('leader'), replica);
  await fleet.addPod('web-7', 'node-1');
  await fleet.report('node-1', 'False');
  await until(async () => await gone('node-1'), replica);
  await until(() => replica.has('recovered'), replica);
  const deeds = replica.audit.flatMap((line) => (line.event === 'acted' ? [line.action] : []));
  assert.deepEqual(
    [...new Set(deeds)],
    ['Cordon', 'AllowDrain', 'Evict', 'Advance', 'PowerOff', 'DeletePods', 'Taint', 'Replace', 'DeleteNode'],
  );
  await replica.stop();
});

test('observe mode walks through the whole treatment and changes nothing', async () => {
  await fleet.addPod('web-4', 'node-4');
  const calls = fleet.machines.calls.length;
  const replica = new Replica('healer-d', '127.0.1.4', { mode: 'observe', replaceAfterMs: 0 });
  await until(() => replica.has('leader'), replica);
  await fleet.powerOff('node-4');
  await until(() => replica.has('decided', /would do: Replace/), replica);
  const node = await kube.get({ ...NODE, name: 'node-4' });
  assert.equal(node.spec?.unschedulable, undefined);
  assert.equal(node.metadata?.annotations?.[REMEDIATION_ANNOTATION], undefined);
  assert.ok(await kube.find({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web-4' }));
  assert.equal(fleet.machines.calls.length, calls);
  assert.equal(replica.has('acted'), false);
  for (const deed of ['Cordon', 'PowerOff', 'DeletePods', 'Taint']) {
    assert.ok(replica.has('decided', new RegExp(`would do: ${deed}`)), replica.story);
  }
  await replica.stop();
});

test('an annotation of its ConfigMap stops a healer that acts, and it goes on when that is gone', async () => {
  const own = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: NAMESPACE,
    name: 'firedrill-healer',
  } as const;
  const pause = async (why: string | null): Promise<void> => {
    await kube.patch(own, 'merge', { metadata: { annotations: { [PAUSE_ANNOTATION]: why } } });
  };
  await kube.create({ ...own, metadata: { name: own.name, namespace: NAMESPACE } });
  // The node of the test before is off, and would be treated at once.
  await pause('looking');
  const replica = new Replica('healer-h', '127.0.1.8', { replaceAfterMs: 0, movedWithinMs: 0 });
  await until(() => replica.has('refused', /the healer is paused: looking/), replica);
  const metrics = await (await fetch(`http://127.0.1.8:${port}/metrics`)).text();
  assert.ok(metrics.includes('firedrill_healer_paused 1'), metrics);
  assert.equal(await gone('node-4'), false);
  await pause(null);
  await until(async () => await gone('node-4'), replica);
  await replica.stop();
});
