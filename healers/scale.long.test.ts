import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { KubeClient } from '../infra/kube/client.ts';
import { TestApiServer } from '../infra/kube/testing/api-server.ts';
import { HEALER_SERVICE } from './deploy/image.ts';
import type { AuditLine } from './runtime/audit-chain.ts';
import { freePort } from '../harness/testing/free-port.ts';
import { testCertificate } from './testing/certificate.ts';
import { TestMachineServer } from './testing/machine-server.ts';
import type { Cost, ScaleHealerStart } from './testing/scale/healer.ts';
import { temporaryDirectory } from '../harness/testing/temporary-directory.ts';

const NODES = 1000;
const HOST = '127.0.1.1';
const RENEW_EVERY_MS = 10_000;
/** Caches filled, every kubelet asked once, connections open. */
const SETTLE_MS = 25_000;
const MEASURE_MS = 20_000;

let server: TestApiServer;
let port: number;
let kubeletPort: number;
let machines: TestMachineServer;
const children: ChildProcess[] = [];
let renewing: NodeJS.Timeout | undefined;
const silenced = new Set<number>();

const nameOf = (number: number): string => `node-${number}`;
const addressOf = (number: number): string => `127.1.${Math.floor(number / 250)}.${(number % 250) + 1}`;

before(async () => {
  server = await TestApiServer.start();
  port = await freePort();
  kubeletPort = await freePort();
});

after(async () => {
  clearInterval(renewing);
  for (const child of children) child.kill('SIGKILL');
  await machines.close();
  await server.stop();
});

test(`${NODES} nodes: detection within 2 s, at most one core and 300 MB`, async () => {
  const kube = server.client({ maxSockets: 64 });
  const certificate = await testCertificate();
  machines = new TestMachineServer(certificate, {
    powerOff: () => undefined,
    replace: (node) => `${node}-r`,
  });
  writeFileSync(join(certificate.directory, 'token'), machines.token);
  const url = await machines.listen();
  const kubelets = start('kubelets.ts', 'KUBELETS', { ...certificate, port: kubeletPort });
  await once(kubelets, 'message');
  await makeNodes(kube);
  renewing = renewLeases(kube);
  const healer = start('healer.ts', 'HEALER', {
    server: server.target.server,
    caPem: server.target.caPem ?? '',
    token: server.target.token?.() ?? '',
    host: HOST,
    port,
    auditPath: join(temporaryDirectory('scale'), 'audit.jsonl'),
    machines: { url, caFile: certificate.certFile, tokenFile: join(certificate.directory, 'token') },
  } satisfies ScaleHealerStart);

  await wait(SETTLE_MS);
  const [costBefore, countBefore] = [
    await ask<Cost>(healer, {}),
    await ask<number>(kubelets, { count: true }),
  ];
  await wait(MEASURE_MS);
  const [cost, count] = [await ask<Cost>(healer, {}), await ask<number>(kubelets, { count: true })];
  const cores = (cost.cpuMs - costBefore.cpuMs) / MEASURE_MS;
  const perSecond = (count - countBefore) / (MEASURE_MS / 1000);

  const lost = 7;
  const lostMonoMs = Number(process.hrtime.bigint()) / 1e6;
  silenced.add(lost);
  kubelets.send({ silence: addressOf(lost) });
  machines.states.set(nameOf(lost), 'off');
  await wait(5000);
  const lines = await audit();
  const detected = lines.find((line) => line.event === 'detected' && line.subject === `node/${nameOf(lost)}`);
  assert.ok(detected, 'the lost node was not detected within 5 s');
  const detectedMs = detected.monoMs - lostMonoMs;
  process.stdout.write(
    `${NODES} nodes: ${(cores * 100).toFixed(1)} % of a core, ${(cost.rssBytes / 1e6).toFixed(0)} MB, ` +
      `${perSecond.toFixed(0)} kubelet requests/s, detected after ${detectedMs.toFixed(0)} ms\n`,
  );
  assert.ok(detectedMs < 2000, `${detectedMs} ms`);
  assert.ok(cores < 1, `${cores} cores`);
  assert.ok(cost.rssBytes < 300e6, `${cost.rssBytes} bytes`);
  assert.ok(perSecond < (NODES / 5) * 1.5, `${perSecond} requests per second`);
});

function start(program: string, variable: string, value: object): ChildProcess {
  const child = fork(new URL(`testing/scale/${program}`, import.meta.url), {
    execArgv: program === 'healer.ts' ? [...HEALER_SERVICE.nodeOptions] : [],
    env: { ...process.env, [variable]: JSON.stringify(value) },
  });
  children.push(child);
  return child;
}

async function ask<T>(child: ChildProcess, order: object): Promise<T> {
  const answer = once(child, 'message');
  child.send(order);
  return ((await answer) as [T])[0];
}

async function wait(durationMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, durationMs));
}

async function audit(): Promise<readonly AuditLine[]> {
  // The token of the API server will do for the audit as well.
  const headers = { authorization: `Bearer ${server.target.token?.() ?? ''}` };
  const response = await fetch(`http://${HOST}:${port}/audit?follow=0`, { headers });
  const text = (await response.text()).trim();
  return text.split('\n').map((line) => JSON.parse(line) as AuditLine);
}

async function makeNodes(kube: KubeClient): Promise<void> {
  for (const name of ['firedrill-system', 'kube-node-lease']) {
    const ref = { apiVersion: 'v1', kind: 'Namespace', name } as const;
    if ((await kube.find(ref)) === undefined) await kube.create({ ...ref, metadata: { name } });
  }
  for (let first = 0; first < NODES; first += 50) {
    await Promise.all(
      Array.from(
        { length: Math.min(50, NODES - first) },
        async (_, index) => await makeNode(kube, first + index),
      ),
    );
  }
}

async function makeNode(kube: KubeClient, number: number): Promise<void> {
  const name = nameOf(number);
  machines.states.set(name, 'on');
  const labels = { 'topology.kubernetes.io/zone': `zone-${number % 3}` };
  await kube.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  const status = {
    addresses: [{ type: 'InternalIP', address: addressOf(number) }],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    conditions: [{ type: 'Ready', status: 'True' }],
  };
  await kube.patch(
    { apiVersion: 'v1', kind: 'Node', name } as const,
    'merge',
    { status },
    { subresource: 'status' },
  );
  await kube.create({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { renewTime: microTime(), leaseDurationSeconds: 40 },
  });
}

/** As a thousand kubelets would: each lease every ten seconds, evenly spread. */
function renewLeases(kube: KubeClient): NodeJS.Timeout {
  let next = 0;
  return setInterval(() => {
    for (let count = 0; count < NODES / (RENEW_EVERY_MS / 100); count++) {
      const number = next++ % NODES;
      if (silenced.has(number)) continue;
      const ref = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        namespace: 'kube-node-lease',
        name: nameOf(number),
      } as const;
      // A renewal that fails is one that comes later.
      kube.patch(ref, 'merge', { spec: { renewTime: microTime() } }).catch(() => undefined);
    }
  }, 100);
}

function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
