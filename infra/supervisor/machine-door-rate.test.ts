import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import https, { type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { testCertificate, type TestCertificate } from '../../healers/testing/certificate.ts';
import { openMachineDoor } from './machine-door.ts';
import { CALL_RATES, reportedState } from './power-cuts.ts';

let certificate: TestCertificate;
let monoMs = 0;
const doors: Server[] = [];

before(async () => {
  certificate = await testCertificate();
});
after(() => {
  for (const door of doors) door.close();
});

async function openDoor(profile: keyof typeof CALL_RATES): Promise<number> {
  const state = { node: 'node-1', state: 'on', observedAtMs: 0 } as const;
  const door = await openMachineDoor({
    host: '127.0.0.1',
    port: 0,
    certPem: certificate.cert,
    keyPem: certificate.key,
    token: 'token',
    rate: CALL_RATES[profile],
    clusterUid: () => 'u1',
    backend: {
      states: () => [state],
      powerOff: () => Promise.reject(new Error('not asked for')),
      powerOn: () => Promise.reject(new Error('not asked for')),
      replace: () => Promise.reject(new Error('not asked for')),
    },
    monoMs: () => monoMs,
    wallMs: () => 0,
    onCall: () => undefined,
  });
  doors.push(door);
  return (door.address() as AddressInfo).port;
}

async function statusOf(port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer token' };
    const options = {
      host: '127.0.0.1',
      port,
      path: '/v1/machines',
      ca: certificate.cert,
      headers,
      agent: false,
    };
    https
      .get(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on('error', reject);
  });
}

async function answered(port: number, calls: number): Promise<number> {
  let good = 0;
  for (let call = 0; call < calls; call++) if ((await statusOf(port)) === 200) good++;
  return good;
}

test("a cloud's interface refuses what a management controller bears, and lets itself be asked twice a second", async () => {
  assert.equal(await answered(await openDoor('bmc'), 15), 15);
  const cloud = await openDoor('cloud');
  assert.equal(await answered(cloud, 15), CALL_RATES.cloud.burst);
  monoMs += 1_000;
  assert.equal(await answered(cloud, 5), CALL_RATES.cloud.perSecond);
});

test('a cloud knows late of a machine that died by itself, and at once of one that it switched off', () => {
  const dead = { power: 'off', offSinceMonoMs: 0, fenced: false, draw: 0 } as const;
  assert.equal(reportedState('bmc', dead, 1), 'off');
  assert.equal(reportedState('cloud', dead, 59_999), 'on');
  assert.equal(reportedState('cloud', dead, 60_000), 'off');
  assert.equal(reportedState('cloud', { ...dead, fenced: true }, 1), 'off');
  assert.equal(reportedState('none', dead, 120_000), 'unknown');
});
