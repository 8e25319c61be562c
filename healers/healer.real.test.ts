import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TestApiServer } from '../infra/kube/testing/api-server.ts';
import type { HealerConfig } from './config.ts';
import { runHealer } from './healer.ts';
import { DEFAULT_NODE_POLICY } from './node/policy.ts';
import { verifyChain } from './runtime/audit-chain.ts';
import type { AuditLine } from './runtime/audit-chain.ts';
import { testCertificate } from './testing/certificate.ts';
import { FakeFleet } from './testing/fake-fleet.ts';

const NAMESPACE = 'firedrill-system';
const PORT = 18_080;

let server: TestApiServer;
let fleet: FakeFleet;
let config: (pod: string) => HealerConfig;

before(async () => {
  server = await TestApiServer.start();
  const kube = server.client();
  const certificate = await testCertificate();
  const tokenFile = join(certificate.directory, 'token');
  fleet = new FakeFleet(kube, certificate, 18_250);
  writeFileSync(tokenFile, fleet.machines.token);
  const url = await fleet.machines.listen();
  const state = mkdtempSync(join(tmpdir(), 'firedrill-healer-state-'));
  config = (pod) => ({
    port: PORT,
    auditPath: join(state, pod, 'audit.jsonl'),
    machines: { url, caFile: certificate.certFile, tokenFile },
    node: { ...DEFAULT_NODE_POLICY, coolDownMs: 0 },
  });
  for (const name of [NAMESPACE, 'kube-node-lease']) {
    const exists = await kube.find({ apiVersion: 'v1', kind: 'Namespace', name });
    if (exists === undefined) await kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
  for (const name of ['node-1', 'node-2', 'node-3']) await fleet.add(name);
});

after(async () => {
  await fleet.close();
  await server.stop();
});

test('a node that lost its power is cordoned, fenced, emptied, replaced and retired', async () => {
  const kube = server.client();
  await fleet.addPod('web-1', 'node-2');
  await fleet.addPod('web-2', 'node-2');
  const stop = new AbortController();
  const settings = config('healer-a');
  const run = runHealer(
    { target: server.target, namespace: NAMESPACE, pod: 'healer-a', podUid: 'uid-a', host: '127.0.1.1' },
    settings,
    stop.signal,
  );
  run.catch(() => undefined);
  await until(
    async () => await auditOf('127.0.1.1').then((lines) => lines.some((line) => line.event === 'leader')),
  );

  const cutAtMs = performance.now();
  await fleet.powerOff('node-2');
  await until(
    async () => (await kube.find({ apiVersion: 'v1', kind: 'Node', name: 'node-2' })) === undefined,
  );
  const goneAfterMs = performance.now() - cutAtMs;

  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'default' });
  assert.deepEqual(pods.items, []);
  assert.ok(await kube.find({ apiVersion: 'v1', kind: 'Node', name: 'node-2-r' }));
  assert.deepEqual(
    fleet.machines.calls.map(({ call, node }) => `${call} ${node}`),
    ['power-off node-2', 'replace node-2'],
  );
  await until(
    async () => await auditOf('127.0.1.1').then((lines) => lines.some((line) => line.event === 'recovered')),
  );
  stop.abort();
  await run;
  const texts = readFileSync(settings.auditPath, 'utf8').trimEnd().split('\n');
  assert.equal(verifyChain(texts).ok, true);
  const story = texts
    .map((text) => JSON.parse(text) as AuditLine)
    .map((line) => `${line.event} ${line.action ?? ''}`.trim());
  process.stdout.write(
    `gone after ${goneAfterMs}\n${texts
      .map((t) => {
        const l = JSON.parse(t) as AuditLine;
        return `${l.monoMs.toFixed(1)} ${l.event} ${l.subject} ${l.detail}`;
      })
      .join('\n')}\n`,
  );
  assert.ok(goneAfterMs < 4000, `${goneAfterMs} ms: ${story.join(', ')}`);
});

async function auditOf(host: string): Promise<readonly AuditLine[]> {
  const response = await fetch(`http://${host}:${PORT}/audit?from=0&follow=0`).catch(() => undefined);
  if (response === undefined) return [];
  const text = await response.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditLine);
}

async function until(check: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
