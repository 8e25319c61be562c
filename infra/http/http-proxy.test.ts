import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpProxyFor, isHttpAddress } from './http-proxy.ts';

const PROXY = 'http://proxy.test:3128';
const isProxied = (server: string, except: string): boolean =>
  httpProxyFor(new URL(server), { HTTPS_PROXY: PROXY, NO_PROXY: except }) !== undefined;

test('a server is reached through the proxy of its scheme, by whichever variable names it', () => {
  const read = (server: string, env: NodeJS.ProcessEnv) => httpProxyFor(new URL(server), env);
  assert.equal(read('https://api.test', { HTTPS_PROXY: PROXY }), PROXY);
  assert.equal(read('https://api.test', { https_proxy: PROXY, HTTPS_PROXY: '' }), PROXY);
  assert.equal(read('https://api.test', { HTTP_PROXY: PROXY }), undefined);
  assert.equal(read('http://api.test', { HTTP_PROXY: PROXY }), PROXY);
  assert.equal(read('https://api.test', { HTTPS_PROXY: 'proxy.test:3128' }), PROXY);
  assert.equal(read('https://api.test', {}), undefined);
});

test('NO_PROXY has names with all below them, addresses and blocks, each with or without a port', () => {
  const direct: readonly (readonly [string, string])[] = [
    ['https://api.example.test', '*'],
    ['https://api.example.test', 'example.test'],
    ['https://example.test', 'other.test, EXAMPLE.test'],
    ['https://api.example.test', '.example.test'],
    ['https://api.example.test', '*.example.test'],
    ['https://api.example.test:6443', 'api.example.test:6443'],
    ['https://api.example.test', 'api.example.test:443'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://10.1.2.3', '10.1.2.3'],
    ['https://[fd00::1]', 'fd00::/8'],
    ['https://[fd00::1]', 'fd00::1'],
    ['https://[fd00::1]:6443', '[fd00::1]:6443'],
  ];
  for (const [server, except] of direct)
    assert.equal(isProxied(server, except), false, `${server} ${except}`);
  const proxied: readonly (readonly [string, string])[] = [
    ['https://api.example.test', ''],
    ['https://api.example.test', 'ample.test, , /8, 10.0.0.0/99'],
    ['https://example.test', '.example.test'],
    ['https://api.example.test:6443', 'api.example.test:443'],
    ['https://11.1.2.3', '10.0.0.0/8'],
    ['https://10.1.2.30', '10.1.2.3'],
    ['https://[fd00::1]', 'fe80::/10'],
  ];
  for (const [server, except] of proxied)
    assert.equal(isProxied(server, except), true, `${server} ${except}`);
});

test('nothing on loopback is reached through a proxy', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.0.1', '[::1]'])
    assert.equal(isProxied(`https://${host}:6443`, ''), false, host);
});

test('an address that Node would pass over, or break at, is none', () => {
  for (const address of [PROXY, 'https://proxy.test', 'http://me:p%40ss@proxy.test:3128'])
    assert.equal(isHttpAddress(address), true, address);
  for (const address of [
    'socks5://proxy.test',
    'HTTP://proxy.test',
    'http://',
    'http://me:50%off@proxy.test',
    '',
  ])
    assert.equal(isHttpAddress(address), false, address);
});
