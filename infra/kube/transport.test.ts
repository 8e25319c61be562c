import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { KubeClient } from './client.ts';
import { isKubeError, isUnreachable } from './errors.ts';
import type { KubeTarget } from './target.ts';
import { ScriptedServer, sendJson } from './testing/scripted-server.ts';
import { TcpRelay } from './testing/tcp-relay.ts';

test('a path below the server address, several values of one name, and no value at all', async () => {
  await using server = await ScriptedServer.start((_, response) => sendJson(response, 200, {}));
  const kube = new KubeClient({ server: `${server.url}/clusters/one/` });
  await kube.request({ method: 'GET', path: '/api', query: { command: ['a b', 'c'], no: undefined, n: 0 } });
  assert.deepEqual(server.seen, ['GET /clusters/one/api?command=a+b&command=c&n=0']);
  kube.close();
});

test('the token is asked for at each request, after it had its chance to be renewed', async () => {
  const presented: unknown[] = [];
  await using server = await ScriptedServer.start((request, response) => {
    presented.push(request.headers.authorization);
    sendJson(response, 200, {});
  });
  let token = 'first';
  const refresh = () => {
    token = presented.length === 0 ? 'first' : 'second';
    return Promise.resolve();
  };
  const kube = new KubeClient({ server: server.url, token: () => token, refresh });
  await kube.request({ method: 'GET', path: '/a' });
  await kube.request({ method: 'GET', path: '/b' });
  assert.deepEqual(presented, ['Bearer first', 'Bearer second']);
  kube.close();
});

test('where kubectl has renewed credentials that were refused, the caller hears nothing of the refusal; elsewhere it does', async (t) => {
  const socketPath = join(temporaryDirectory('kubectl'), 'api');
  let asked = 0;
  const kubectl = createHttpServer((_request, response) =>
    // kubectl hands each refusal on, and has the new credentials for whoever asks next.
    asked++ % 2 === 0 ? sendJson(response, 401, { kind: 'Status' }) : sendJson(response, 200, { asked }),
  );
  t.after(() => kubectl.close());
  kubectl.listen(socketPath);
  await once(kubectl, 'listening');
  using behind = new KubeClient({ server: 'https://api.test', socketPath });
  assert.deepEqual(await behind.request({ method: 'POST', path: '/', body: {} }), { asked: 2 });
  const stream = await behind.stream({ method: 'GET', path: '/', query: { watch: true } });
  assert.equal(stream.statusCode, 200);
  stream.destroy();

  await using server = await ScriptedServer.start((_, response) => sendJson(response, 401, {}));
  using direct = new KubeClient({ server: server.url });
  await assert.rejects(direct.request({ method: 'GET', path: '/' }), { code: 'kube.unauthorized' });
  assert.equal(server.seen.length, 1);
});

test('a refusal carries its wait, and a page of a proxy becomes its message', async () => {
  await using server = await ScriptedServer.start((_, response, { pathname }) => {
    if (pathname === '/busy') response.setHeader('retry-after', '3');
    if (pathname === '/busy') sendJson(response, 429, { kind: 'Status', message: 'too many' });
    else response.writeHead(502).end('<html>bad gateway</html>');
  });
  const kube = new KubeClient({ server: server.url });
  await assert.rejects(kube.request({ method: 'GET', path: '/busy' }), (error) => {
    assert.ok(isKubeError(error) && error.status === 429);
    assert.equal(error.retryAfterMs, 3000);
    return true;
  });
  await assert.rejects(kube.request({ method: 'GET', path: '/lost' }), {
    code: 'kube.http-502',
    message: 'GET /lost: 502 <html>bad gateway</html>',
  });
  kube.close();
});

test('who answers with a page, or sends elsewhere, is no API server, and is told as one that has not answered', async () => {
  await using server = await ScriptedServer.start((_, response, { pathname }) => {
    if (pathname === '/moved') response.writeHead(302, { location: 'https://sso.test/login' }).end();
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Login</title>');
  });
  using kube = new KubeClient({ server: server.url });
  const foreign = { code: 'kube.foreign-answer', status: 0 };
  await assert.rejects(kube.request({ method: 'GET', path: '/page' }), {
    ...foreign,
    message: 'GET /page: 200 and no JSON: <title>Login</title>',
  });
  await assert.rejects(kube.request({ method: 'POST', path: '/moved', body: {} }), {
    ...foreign,
    message: 'POST /moved: 302 and no JSON: it sends us to https://sso.test/login',
    maybeApplied: true,
  });
  assert.equal(await kube.request({ method: 'GET', path: '/text', accept: '*/*' }), '<title>Login</title>');
});

test('a kept connection that the server closes under a request: a read goes again, a write is reported as unsure', async () => {
  let requests = 0;
  await using server = await ScriptedServer.start((request, response) => {
    if (++requests % 2 === 0) request.socket.destroy();
    else sendJson(response, 200, { requests });
  });
  const kube = new KubeClient({ server: server.url }, { maxSockets: 1 });
  await kube.request({ method: 'GET', path: '/' });
  assert.deepEqual(await kube.request({ method: 'GET', path: '/' }), { requests: 3 });
  requests = 0;
  await kube.request({ method: 'GET', path: '/' });
  await assert.rejects(kube.request({ method: 'DELETE', path: '/' }), (error) => {
    assert.ok(isUnreachable(error));
    assert.equal(error.maybeApplied, true);
    return true;
  });
  assert.equal(requests, 2, 'the write was not sent again');
  kube.close();
});

test('after a cut no request is spent on the other dead connections', async () => {
  await using server = await ScriptedServer.start((_, response) => sendJson(response, 200, { ok: true }));
  await using relay = await TcpRelay.to(Number(new URL(server.url).port));
  const kube = new KubeClient({ server: `http://127.0.0.1:${relay.port}` }, { timeoutMs: 300 });
  const read = () => kube.request({ method: 'GET', path: '/' });
  await Promise.all([read(), read(), read()]);
  relay.shut();
  await assert.rejects(read(), { code: 'kube.timeout' });
  relay.openForNew();
  assert.deepEqual(await read(), { ok: true });
  kube.close();
});

test('an answer that trickles is cut off by the time-out as a whole', async () => {
  await using server = await ScriptedServer.start((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 10);
    response.once('close', () => clearInterval(timer));
  });
  const kube = new KubeClient({ server: server.url });
  await assert.rejects(kube.request({ method: 'GET', path: '/', timeoutMs: 100 }), { code: 'kube.timeout' });
  kube.close();
});

test('nobody there is unreachable, and surely not applied', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  const kube = new KubeClient({ server: `http://127.0.0.1:${port}` });
  await assert.rejects(kube.request({ method: 'POST', path: '/', body: {} }), {
    code: 'kube.unreachable',
    message: `POST /: connect ECONNREFUSED 127.0.0.1:${port}`,
    maybeApplied: false,
  });
  assert.throws(() => new KubeClient({ server: 'localhost:6443' }), {
    code: 'kube.bad-target',
    userError: true,
  });
  kube.close();
});

test('whom a kubeconfig trusts is trusted, whatever NODE_TLS_REJECT_UNAUTHORIZED says', async (t) => {
  const [own, other] = [await testCertificate(), await testCertificate()];
  const server = https.createServer(own, (_request, response) => sendJson(response, 200, { ok: true }));
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (target: Omit<KubeTarget, 'server'>) => {
    using kube = new KubeClient({ server: address, ...target });
    return await kube.request({ method: 'GET', path: '/' });
  };
  t.after(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  await assert.rejects(ask({ caPem: other.cert }), { code: 'kube.unreachable', message: /certificate/ });
  assert.deepEqual(await ask({ caPem: own.cert }), { ok: true });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '1';
  assert.deepEqual(await ask({ skipTlsVerify: true }), { ok: true });
});
