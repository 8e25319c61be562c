import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../testing/free-port.ts';
import { openToolchain } from '../../infra/toolchain/index.ts';
import type { Connect } from '../../infra/http/http.ts';
import { orderStop, readLoadCounts } from './k6-control.ts';
import { scriptSettings } from './load-pod.ts';
import { parseLoadSummary } from './load-summary.ts';

const { k6 } = await openToolchain(process.env).ensure(['k6']);

const CONNECTED_WITHIN_MS = 5;

test('k6 sends users at the asked rate over new connections, and stops with a full account', async (context) => {
  let requests = 0;
  const shop = createServer((_, response) => {
    // Every tenth user gets no answer.
    if (++requests % 10 !== 0) response.end('ok');
  });
  let connections = 0;
  shop.on('connection', () => connections++);
  shop.listen(0, '127.0.0.1');
  await once(shop, 'listening');
  context.after(() => {
    shop.closeAllConnections();
    shop.close();
  });
  const target = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  const controlPort = await freePort();
  const child = spawn(
    k6.path,
    [
      'run',
      '--quiet',
      '--no-color',
      '--no-usage-report',
      `--address=127.0.0.1:${controlPort}`,
      new URL('./users.ts', import.meta.url).pathname,
    ],
    {
      env: scriptSettings({ target, ratePerSecond: 20, timeoutMs: 300, atMostMs: 60_000 }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  context.after(() => child.kill('SIGKILL'));
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (log += text));
  child.stderr.resume();

  while (requests < 50) await once(shop, 'request');
  const control: Connect = async () => {
    const socket = connect(controlPort, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const counts = await readLoadCounts(control);
  assert.ok(counts.requests > 30, `counted ${counts.requests}`);
  assert.ok(counts.failed >= 3, `counted ${counts.failed} failures`);
  await orderStop(control);
  await once(child, 'close');

  const summary = parseLoadSummary(log);
  const cutOff = requests - summary.requests;
  assert.ok(
    cutOff >= 0 && cutOff <= 2,
    `${cutOff} users were under way when the order came, and do not count`,
  );
  assert.ok(Math.abs(summary.failed - requests / 10) <= 2, `${summary.failed} of ${requests} failed`);
  assert.equal(summary.dropped, 0);
  // The time-out is of the whole request, and k6's duration leaves out what it took to connect on this machine.
  assert.ok(
    summary.maxMs >= 300 - CONNECTED_WITHIN_MS && summary.maxMs < 1_000,
    `the slowest user waited ${summary.maxMs} ms`,
  );
  // The last user may have connected and not asked yet; a connection used twice would leave fewer of them.
  assert.ok(connections >= requests, `${requests} requests came over ${connections} connections`);
});
