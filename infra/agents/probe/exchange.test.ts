import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { exchange } from './exchange.ts';

const monoMs = (): number => performance.now();

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
  const options = { address: '127.0.0.1', port, head: '', expect: {}, timeoutMs: 100, spentMs: 900, monoMs };
  const { latencyMs, error } = await exchange(options);
  silent.close();
  assert.ok(latencyMs >= 999, `${latencyMs} ms`);
  assert.equal(error, 'no complete answer within 1000 ms');
});
