import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { systemClock } from '../../../harness/core/clock.ts';
import { testCertificate, type TestCertificate } from '../../../healers/testing/certificate.ts';
import { TestMachineServer } from '../../../healers/testing/machine-server.ts';
import { HttpMachines } from '../../machines/client.ts';
import { inspectionOf } from '../../machines/inspection.ts';
import { reachMachines } from './machines.ts';
import type { MachineSettings } from './settings.ts';

const OURS = {
  uid: 'uid-1',
  clock: systemClock,
  systemUuids: () => Promise.resolve(new Map<string, string>()),
};

let certificate: TestCertificate;
let server: TestMachineServer;
let settings: MachineSettings;

before(async () => {
  certificate = await testCertificate();
  server = new TestMachineServer(certificate, {
    powerOff: () => undefined,
    replace: (node) => `${node}-new`,
  });
  const url = await server.listen();
  const tokenFile = join(certificate.directory, 'token');
  writeFileSync(tokenFile, server.token);
  settings = { url, tokenFile, caFile: certificate.certFile };
});
after(async () => {
  await server.close();
});
beforeEach(() => {
  server.states.clear();
  server.offBy.clear();
  server.calls.length = 0;
  server.states.set('node-1', 'on').set('node-2', 'on');
  server.systemUuids.clear();
  server.cluster = 'uid-1';
  server.can = ['power-on', 'replace'];
  server.intercept = undefined;
});

const called = (): string[] => server.calls.map(({ call, node }) => `${call} ${node}`);

test('what it can do is what the interface says of itself', async () => {
  const all = await reachMachines(settings, OURS);
  assert.deepEqual(all.can, { 'node.power': { yes: true }, 'node.replace': { yes: true } });
  server.can = undefined;
  const { can } = await reachMachines(settings, OURS);
  assert.match(can['node.power']?.yes === false ? can['node.power'].reason : '', /serves no power-on/);
  assert.equal(can['node.replace']?.yes, true);
  server.can = ['power-on'];
  const other = await reachMachines(settings, OURS);
  assert.equal(other.can['node.power']?.yes, true);
  assert.equal(other.can['node.replace']?.yes, false);
});

test('one that refuses us, or is not there, is told when the cluster is attached to', async () => {
  const wrong = join(certificate.directory, 'wrong');
  writeFileSync(wrong, 'another');
  await assert.rejects(reachMachines({ ...settings, tokenFile: wrong }, OURS), {
    code: 'existing.no-machines',
    message: /401/,
    hint: /--machines-token/,
  });
  await assert.rejects(reachMachines({ ...settings, url: 'https://127.0.0.1:1' }, OURS), {
    code: 'existing.no-machines',
  });
  writeFileSync(wrong, 'the token\nand more\n');
  await assert.rejects(reachMachines({ ...settings, tokenFile: wrong }, OURS), {
    code: 'existing.no-machines',
    message: new RegExp(`${wrong}:1: more than a token`),
  });
});

test('what a drill has switched off is switched on again, and both may be asked for twice', async () => {
  const { power } = await reachMachines(settings, OURS);
  await power.powerOff('node-1');
  await power.powerOff('node-1');
  const off = await power.inspect('node-1');
  assert.deepEqual([off.processes, off.fenced, off.exists], [0, false, true]);
  await power.powerOn('node-1');
  await power.powerOn('node-1');
  const on = await power.inspect('node-1');
  assert.deepEqual([on.processes, on.fenced, on.exists], [1, false, true]);
  assert.deepEqual(called(), ['power-off node-1', 'power-on node-1']);
  assert.match(server.calls[0]?.attempt ?? '', /^drill-[0-9a-f-]{36}$/);
});

test('what a healer has fenced since, or what went off by itself, stays off', async () => {
  const { power } = await reachMachines(settings, OURS);
  await power.powerOff('node-1');
  server.offBy.set('node-1', 'healer-7');
  await power.powerOn('node-1');
  assert.equal((await power.inspect('node-1')).fenced, true);
  server.states.set('node-2', 'off');
  await power.powerOn('node-2');
  assert.equal((await power.inspect('node-2')).fenced, true);
  assert.deepEqual(called(), ['power-off node-1']);
});

test('a healer that fences between our look and our call wins', async () => {
  const { power } = await reachMachines(settings, OURS);
  await power.powerOff('node-1');
  server.intercept = (request) => {
    if (request.url?.endsWith('/power-on') === true) server.offBy.set('node-1', 'healer-7');
    return false;
  };
  await power.powerOn('node-1');
  assert.equal(server.states.get('node-1'), 'off');
  assert.equal((await power.inspect('node-1')).fenced, true);
});

test('a power-on that fails for another reason is an error', async () => {
  const { power } = await reachMachines(settings, OURS);
  await power.powerOff('node-1');
  server.intercept = (request, response) => {
    if (request.url?.endsWith('/power-on') !== true) return false;
    response.writeHead(409).end(JSON.stringify({ code: 'machine.failed', message: 'did not boot' }));
    return true;
  };
  await assert.rejects(power.powerOn('node-1'), { code: 'machines.conflict', message: /did not boot/ });
});

test('a machine that was replaced is retired, one that nobody knows cannot be hit', async () => {
  const { power } = await reachMachines(settings, OURS);
  await power.powerOff('node-1');
  server.states.delete('node-1');
  await power.powerOn('node-1');
  assert.equal((await power.inspect('node-1')).exists, false);
  await assert.rejects(power.powerOff('node-9'), { code: 'machines.unknown-machine' });
  assert.equal(await power.replace('node-2'), 'node-2-new');
});

test('a machine whose power nobody knows proves nothing', () => {
  assert.throws(() => inspectionOf('node-1', 'unknown'), { code: 'machines.unknown-state' });
});

test('many that ask at once are one question, and throttling is waited for', async () => {
  const { power } = await reachMachines(settings, OURS);
  let asked = 0;
  server.intercept = (request, response) => {
    if (request.method !== 'GET') return false;
    if (++asked > 1) return false;
    response.writeHead(429, { 'retry-after': '0' }).end('{}');
    return true;
  };
  const all = await Promise.all(Array.from({ length: 20 }, () => power.inspect('node-1')));
  assert.equal(asked, 2);
  assert.ok(all.every(({ processes }) => processes === 1));
});

test('machines of another cluster are refused before one of them is touched, whoever asks', async () => {
  server.cluster = 'uid-of-another';
  const refused = {
    code: 'existing.no-machines',
    message: /machines of the cluster uid-of-another, and ours is uid-1/,
  };
  await assert.rejects(reachMachines(settings, OURS), refused);
  // A healer or a reaper inside may have another address than the runner.
  const machines = new HttpMachines({ ...settings, cluster: 'uid-1' });
  const { signal } = new AbortController();
  await assert.rejects(machines.powerOff('node-1', 'a', signal), { code: 'machines.foreign-cluster' });
  await assert.rejects(machines.replace('node-1', 'a', signal), { code: 'machines.foreign-cluster' });
  machines.close();
  assert.deepEqual(called(), []);
});

test('an interface that does not say whose machines it has shows it by the identity of each', async () => {
  server.cluster = undefined;
  const nodes = new Map([
    ['node-1', 'AA-1'],
    ['node-2', 'aa-2'],
    ['node-3', 'aa-3'],
  ]);
  const ours = { ...OURS, systemUuids: () => Promise.resolve(nodes) };
  await assert.rejects(reachMachines(settings, ours), {
    message: /node-1 is this cluster's.*AA-1, the machine's not told/,
  });
  server.systemUuids.set('node-1', 'aa-1').set('node-2', 'bb-2');
  await assert.rejects(reachMachines(settings, ours), { message: /node-2 is this cluster's.*bb-2/ });
  server.systemUuids.set('node-2', 'aa-2');
  assert.equal((await reachMachines(settings, ours)).can['node.power']?.yes, true);
});
