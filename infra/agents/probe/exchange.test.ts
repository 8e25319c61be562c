import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { exchange } from './exchange.ts';

const monoMs = (): number => performance.now();
/** Any port. */
const takePort = (): number => 0;

test('a time-out that fired late because the agent stood still says nothing about the server', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const under = exchange({
    address: '127.0.0.1',
    port,
    head: '',
    expect: {},
    timeoutMs: 100,
    spentMs: 0,
    monoMs,
    takePort,
  });
  const untilMs = monoMs() + 400;
  while (monoMs() < untilMs);
  const { outcome, error } = await under;
  for (const socket of sockets) socket.destroy();
  silent.close();
  assert.equal(outcome, 'local');
  assert.match(error ?? '', /stood still/);
});

test('the time that name resolution took counts', async () => {
  const silent = createServer((socket) => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const options = {
    address: '127.0.0.1',
    port,
    head: '',
    expect: {},
    timeoutMs: 100,
    spentMs: 900,
    monoMs,
    takePort,
  };
  const { latencyMs, error } = await exchange(options);
  silent.close();
  assert.ok(latencyMs >= 999, `${latencyMs} ms`);
  assert.equal(error, 'no complete answer within 1000 ms');
});

test('a port that somebody else has is passed over, and the request counts as one', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const other = createServer().listen(0, '0.0.0.0');
  await once(other, 'listening');
  const ports = [(other.address() as AddressInfo).port, 0];
  const { outcome, error } = await exchange({
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    head: 'GET / HTTP/1.1\r\n\r\n',
    expect: {},
    timeoutMs: 1000,
    spentMs: 0,
    monoMs,
    takePort: () => ports.shift() ?? 0,
  });
  server.close();
  other.close();
  assert.equal(outcome, 'ok', error);
  assert.deepEqual(ports, [], 'both were tried');
});
