import assert from 'node:assert/strict';
import { request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import type { MachineCall } from '../cluster.ts';
import { CertificateAuthority } from './pki.ts';
import { openMachineDoor } from './machine-door.ts';
import { CALL_RATES } from './power-cuts.ts';

const TOKEN = 'a'.repeat(64);

describe('the machine door', () => {
  let door: Server;
  let caPem: string;
  let nowMs = 0;
  const calls: MachineCall[] = [];
  const done: string[] = [];
  let failures = 0;

  before(async () => {
    const authority = await CertificateAuthority.create('machines test');
    caPem = authority.certPem;
    const key = await authority.issue({ commonName: 'machines', use: 'server', addresses: ['127.0.0.1'] });
    const machine = (node: string): string => {
      if (node === 'node-1') return node;
      throw new FiredrillError('node.unknown', `no machine ${node}`);
    };
    door = await openMachineDoor({
      host: '127.0.0.1',
      port: 0,
      ...key,
      token: TOKEN,
      clusterUid: () => 'u1',
      backend: {
        states: () => [{ node: 'node-1', state: 'on', observedAtMs: 1 }],
        powerOff: async (node) => {
          await Promise.resolve();
          done.push(`power-off ${machine(node)}`);
          return { node, state: 'off', observedAtMs: 1 };
        },
        powerOn: async (node, undoOf) => {
          await Promise.resolve();
          if (undoOf !== 'a1') throw new FiredrillError('machine.fenced', 'by a2');
          done.push(`power-on ${machine(node)}`);
          return { node, state: 'on', observedAtMs: 1 };
        },
        replace: async (node, attempt) => {
          await Promise.resolve();
          done.push(`replace ${machine(node)} ${attempt}`);
          if (failures-- > 0) throw new FiredrillError('machine.boot-failed', 'did not boot');
          return { node, replacement: 'node-2' };
        },
      },
      rate: CALL_RATES.bmc,
      monoMs: () => nowMs,
      wallMs: () => 42,
      onCall: (call) => calls.push(call),
    });
  });
  after(() => door.close());
  beforeEach(() => {
    nowMs += 60_000;
    failures = 0;
    calls.length = 0;
    done.length = 0;
  });

  const ask = (
    method: string,
    path: string,
    options: { token?: string | undefined; body?: unknown; from?: string } = {},
  ) => {
    const token = 'token' in options ? options.token : TOKEN;
    return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      const { port } = door.address() as AddressInfo;
      const call = request(
        {
          host: '127.0.0.1',
          port,
          method,
          path,
          ca: caPem,
          agent: false,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
          ...given({ localAddress: options.from }),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: JSON.parse(text) as Record<string, unknown>,
            }),
          );
        },
      );
      call.on('error', reject);
      call.end(options.body === undefined ? undefined : JSON.stringify(options.body));
    });
  };

  it('opens to its own token', async () => {
    const { status, body } = await ask('GET', '/v1/machines');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      machines: [{ node: 'node-1', state: 'on', observedAtMs: 1 }],
      cluster: 'u1',
      can: ['power-on', 'replace'],
    });
  });

  it("refuses another cluster's token, one that begins like it, and none at all", async () => {
    for (const token of ['b'.repeat(64), TOKEN.slice(1), '', undefined])
      assert.equal((await ask('GET', '/v1/machines', { token })).status, 401, String(token));
  });

  it('refuses a workload without a token, and says from where it called', async () => {
    const { status } = await ask('POST', '/v1/machines/node-1/power-off', {
      token: undefined,
      from: '127.0.0.2',
      body: { attempt: 'x' },
    });
    assert.equal(status, 401);
    assert.deepEqual(done, []);
    assert.deepEqual(
      calls.map(({ caller, result }) => [caller, result]),
      [['127.0.0.2', 'refused: unauthorized']],
    );
  });

  it('knows no control verb, with the right token either', async () => {
    for (const path of ['/v1/status', '/v1/down', '/v1/nodes/node-1/freeze', '/v1/machines/node-1/freeze'])
      assert.equal((await ask('POST', path, { body: { attempt: 'x' } })).status, 404, path);
    assert.deepEqual(done, []);
  });

  it('switches on where that takes back the last power-off, and never otherwise', async () => {
    const path = '/v1/machines/node-1/power-on';
    assert.equal((await ask('POST', path, { body: { attempt: 'x1' } })).status, 400);
    const other = await ask('POST', path, { body: { attempt: 'x2', undoOf: 'a2' } });
    assert.deepEqual([other.status, other.body['code']], [409, 'machine.fenced']);
    assert.deepEqual(done, []);
    const own = await ask('POST', path, { body: { attempt: 'x3', undoOf: 'a1' } });
    assert.deepEqual([own.status, own.body['state']], [200, 'on']);
    assert.deepEqual(done, ['power-on node-1']);
    assert.deepEqual(
      calls.map(({ call }) => call),
      ['powerOn', 'powerOn', 'powerOn'],
    );
  });

  it('acts once per attempt, and again where the attempt failed', async () => {
    failures = 1;
    const body = { attempt: 'a1' };
    assert.equal((await ask('POST', '/v1/machines/node-1/replace', { body })).status, 409);
    for (let time = 0; time < 2; time++) {
      const again = await ask('POST', '/v1/machines/node-1/replace', { body });
      assert.deepEqual(again.body, { node: 'node-1', replacement: 'node-2' });
    }
    assert.deepEqual(done, ['replace node-1 a1', 'replace node-1 a1']);
  });

  it('knows no machine of another cluster, and wants an attempt', async () => {
    const stranger = await ask('POST', '/v1/machines/node-9/power-off', { body: { attempt: 'x' } });
    assert.deepEqual([stranger.status, stranger.body['code']], [404, 'machine.unknown']);
    assert.equal((await ask('POST', '/v1/machines/node-1/power-off', { body: {} })).status, 400);
    assert.equal((await ask('GET', '/v1/machines/node-1/power-off')).status, 405);
  });

  it('throttles, and tells each call once, never with a token', async () => {
    const answers: number[] = [];
    for (let time = 0; time < 41; time++) answers.push((await ask('GET', '/v1/machines')).status);
    assert.deepEqual([answers[39], answers[40]], [200, 429]);
    assert.equal(calls.length, 41);
    await ask('GET', `/v1/machines?token=${TOKEN}`);
    assert.doesNotMatch(JSON.stringify(calls), /aaaa/);
  });
});
