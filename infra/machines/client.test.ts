import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { testCertificate, type TestCertificate } from '../../healers/testing/certificate.ts';
import { TestMachineServer } from '../../healers/testing/machine-server.ts';
import { MachineError } from './errors.ts';
import { HttpMachines } from './client.ts';

let certificate: TestCertificate;
let server: TestMachineServer;
let url: string;
let tokenFile: string;
let client: HttpMachines;
let replaced = 0;
const never = new AbortController().signal;

before(async () => {
  certificate = await testCertificate();
  server = new TestMachineServer(certificate, {
    powerOff: () => undefined,
    replace: (node) => `${node}-r${++replaced}`,
  });
  url = await server.listen();
  tokenFile = join(certificate.directory, 'token');
  writeFileSync(tokenFile, `${server.token}\n`);
  client = new HttpMachines({ url, caFile: certificate.certFile, tokenFile, statesTimeoutMs: 300 });
});

after(async () => {
  client.close();
  await server.close();
});

/** Answers the next requests by hand. */
function answering(status: number, body: string, headers: Record<string, string> = {}): void {
  server.intercept = (_request, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
}

async function failure(work: Promise<unknown>): Promise<MachineError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof MachineError, String(error));
    return error;
  } finally {
    server.intercept = undefined;
  }
  return assert.fail('it succeeded');
}

test('a connection that is closed just as it is used again costs nothing, and one that is new tells', async () => {
  await client.states(never);
  let cut = 1;
  server.intercept = (request) => {
    if (cut-- > 0) request.socket.destroy();
    return cut >= 0;
  };
  await client.states(never);
  assert.equal(cut, -1, 'the connection was not closed');
  cut = Number.POSITIVE_INFINITY;
  assert.equal((await failure(client.states(never))).code, 'machines.unreachable');
});

test('states come in one call, by node', async () => {
  server.states.set('node-1', 'on').set('node-2', 'off');
  const states = await client.states(never);
  assert.equal(states.get('node-1')?.state, 'on');
  assert.equal(states.get('node-2')?.state, 'off');
});

test('power-off returns the proof', async () => {
  const state = await client.powerOff('node-1', 'attempt-1', never);
  assert.deepEqual([state.node, state.state], ['node-1', 'off']);
  assert.deepEqual(server.calls.at(-1), { call: 'power-off', node: 'node-1', attempt: 'attempt-1' });
});

test('the same attempt of a replacement gives the same machine', async () => {
  const first = await client.replace('node-2', 'attempt-2', never);
  const second = await client.replace('node-2', 'attempt-2', never);
  assert.equal(first.replacement, second.replacement);
  assert.equal(replaced, 1);
});

test('a wrong token is a denial, and a renewed token is used at once', async () => {
  writeFileSync(tokenFile, 'stale');
  const error = await failure(client.states(never));
  assert.deepEqual([error.code, error.status], ['machines.denied', 401]);
  writeFileSync(tokenFile, server.token);
  assert.ok((await client.states(never)).size > 0);
});

test('an unknown machine is told apart', async () => {
  const error = await failure(client.powerOff('node-9', 'a', never));
  assert.equal(error.code, 'machines.unknown-machine');
});

test('throttling carries its wait', async () => {
  answering(429, '{"code":"slow","message":"later"}', { 'retry-after': '7' });
  const error = await failure(client.states(never));
  assert.deepEqual([error.code, error.retryAfterMs], ['machines.throttled', 7000]);
});

test('throttling without a wait is given one second', async () => {
  answering(429, '');
  assert.equal((await failure(client.states(never))).retryAfterMs, 1000);
});

test('a server that never answers is given up after the time-out', async () => {
  server.intercept = () => true;
  const startedMs = performance.now();
  const error = await failure(client.states(never));
  assert.equal(error.code, 'machines.unreachable');
  assert.match(error.message, /no answer within 300 ms/);
  assert.ok(performance.now() - startedMs < 3000);
});

test('an abort is no failure of the machine interface', async () => {
  server.intercept = () => true;
  const stop = new AbortController();
  const reason = new Error('stopping');
  setTimeout(() => stop.abort(reason), 50);
  await assert.rejects(client.states(stop.signal), reason);
  server.intercept = undefined;
});

for (const [what, body] of [
  ['no JSON', 'hello'],
  ['no list', '{}'],
  ['a state that does not exist', '{"machines":[{"node":"a","state":"standby","observedAtMs":1}]}'],
  ['a machine without a time', '{"machines":[{"node":"a","state":"off"}]}'],
] as const) {
  test(`an answer with ${what} is malformed, never a state`, async () => {
    answering(200, body);
    assert.equal((await failure(client.states(never))).code, 'machines.malformed');
  });
}

test('a proof about another machine is none', async () => {
  answering(200, '{"node":"node-7","state":"off","observedAtMs":1}');
  assert.equal((await failure(client.powerOff('node-1', 'a', never))).code, 'machines.malformed');
});

test('a server with another CA is not spoken to, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async (t) => {
  t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const other = await testCertificate();
  const stranger = new HttpMachines({ url, caFile: other.certFile, tokenFile });
  const error = await failure(stranger.states(never));
  assert.equal(error.code, 'machines.unreachable');
  stranger.close();
});

test('plain HTTP is refused', () => {
  assert.throws(
    () => new HttpMachines({ url: 'http://127.0.0.1:1', caFile: certificate.certFile, tokenFile }),
    {
      code: 'machines.bad-url',
    },
  );
});
