import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { testCertificate, type TestCertificate } from '../../healers/testing/certificate.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { directTarget } from './direct-target.ts';

let own: TestCertificate;
before(async () => {
  own = await testCertificate();
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const targetOf = (cluster: object, user: object, env: NodeJS.ProcessEnv = {}) =>
  directTarget(
    {
      cluster: { server: 'https://api.test', 'certificate-authority-data': base64(own.cert), ...cluster },
      user,
    },
    env,
  );

test('what our client sends exactly as kubectl is reached directly, with all that is told', () => {
  const user = {
    token: 'abc',
    'client-certificate-data': base64(own.cert),
    'client-key-data': base64(own.key),
  };
  const told = { 'tls-server-name': 'other.test', 'disable-compression': true, extensions: [] };
  const { token, ...target } = targetOf(told, user, { HTTPS_PROXY: 'proxy.test:80' }) ?? {};
  assert.equal(token?.(), 'abc');
  const expected = { server: 'https://api.test', caPem: own.cert, certPem: own.cert, keyPem: own.key };
  assert.deepEqual(target, { ...expected, serverName: 'other.test', proxy: 'http://proxy.test:80' });
});

test('without TLS nobody is shown a token', () => {
  assert.deepEqual(targetOf({ server: 'http://api.test/path' }, { token: 'abc' }), {
    server: 'http://api.test/path',
  });
});

test('the proxy of a kubeconfig goes before that of the environment, with TLS and without', () => {
  const env = { HTTPS_PROXY: 'http://outside.test', HTTP_PROXY: 'http://outside.test' };
  for (const server of ['https://api.test', 'http://api.test']) {
    const own = targetOf({ server, 'proxy-url': 'http://own.test' }, { token: 'a' }, env);
    assert.equal(own?.proxy, 'http://own.test', server);
  }
});

test('who is told not to look at the certificate of a server does not', () => {
  const insecure = { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true };
  assert.equal(targetOf(insecure, { token: 'a' })?.skipTlsVerify, true);
});

test('a file of a token is read for each request, and one that is not there is told at once', () => {
  const tokenFile = join(temporaryDirectory('token'), 'token');
  writeFileSync(tokenFile, 'first');
  const target = targetOf({}, { tokenFile });
  assert.equal(target?.token?.(), 'first');
  writeFileSync(tokenFile, 'renewed');
  assert.equal(target.token(), 'renewed');
  rmSync(tokenFile);
  assert.throws(() => targetOf({}, { tokenFile }), { code: 'ENOENT' });
});

test('whatever is not known here is left to kubectl, also what may come after us', () => {
  const certificate = base64(own.cert);
  const left: readonly (readonly [object, object])[] = [
    [{}, { exec: {} }],
    [{}, { token: 'a', as: 'somebody' }],
    [{}, { token: 'a', 'next-generation': true }],
    [{ 'next-generation': true }, { token: 'a' }],
    [{ 'insecure-skip-tls-verify': true }, { token: 'a' }],
    [{ 'certificate-authority-data': undefined }, { token: 'a' }],
    [{ 'certificate-authority-data': base64('no PEM') }, { token: 'a' }],
    [{ server: 'api.test' }, { token: 'a' }],
    [{ 'proxy-url': 'socks5://proxy.test' }, { token: 'a' }],
    [{ 'proxy-url': 'https://proxy.test' }, { token: 'a' }],
    [{ 'proxy-url': 'http://me:50%off@proxy.test' }, { token: 'a' }],
    [{}, { token: 'a b' }],
    [{}, { tokenFile: 'relative' }],
    [{}, { token: 'a', tokenFile: '/token' }],
    [{}, { 'client-certificate-data': certificate }],
    [{}, { 'client-certificate-data': certificate, 'client-key-data': certificate }],
  ];
  for (const [cluster, user] of left)
    assert.equal(targetOf(cluster, user), undefined, JSON.stringify([cluster, user]));
});
