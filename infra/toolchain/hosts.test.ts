import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import https from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { test, type TestContext } from 'node:test';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { createHostProbe } from './hosts.ts';

test('a host that accepts and never answers is given up after the limit, once for the whole run', async (t) => {
  let connections = 0;
  const server = createServer(() => connections++);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const probe = createHostProbe({}, 200);
  const startedAt = performance.now();
  const answers = await Promise.all(
    ['a', 'b'].map((path) => probe.obstacle(`http://127.0.0.1:${port}/${path}`)),
  );
  assert.deepEqual(answers, ['no answer within 200 ms', 'no answer within 200 ms']);
  assert.ok(performance.now() - startedAt < 1_000);
  assert.equal(await probe.obstacle(`http://127.0.0.1:${port}/c`), 'no answer within 200 ms');
  assert.equal(connections, 1);
});

async function listen(t: TestContext, server: Server): Promise<string> {
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('why a host cannot be reached is told in the words of whoever refuses: nobody there, TLS, a proxy', async (t) => {
  const strange = await listen(t, https.createServer(await testCertificate()));
  const proxy = createHttpServer().on('connect', (_request, socket) =>
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
  );
  const HTTPS_PROXY = `http://${await listen(t, proxy)}`;
  const why = (url: string, env: NodeJS.ProcessEnv = {}) => createHostProbe(env).obstacle(url);
  assert.match((await why('http://127.0.0.1:1')) ?? '', /ECONNREFUSED 127\.0\.0\.1:1/);
  assert.match((await why(`https://${strange}`)) ?? '', /^self-signed certificate/);
  assert.match((await why('https://releases.test', { HTTPS_PROXY })) ?? '', /407/);
});

test('a certificate of a release host counts whatever NODE_TLS_REJECT_UNAUTHORIZED says', async (t) => {
  const strange = await listen(t, https.createServer(await testCertificate()));
  t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  assert.match((await createHostProbe({}).obstacle(`https://${strange}`)) ?? '', /^self-signed certificate/);
});

test('an interruption is heard, and a defect of ours is no host out of reach', async () => {
  const aborted = AbortSignal.abort(new Error('changed my mind'));
  const probe = createHostProbe({}, 200);
  await assert.rejects(probe.obstacle('http://127.0.0.1:1', aborted), /^Error: changed my mind$/);
  const broken = createHostProbe(undefined as unknown as NodeJS.ProcessEnv);
  await assert.rejects(broken.obstacle('http://releases.test'), TypeError);
});
