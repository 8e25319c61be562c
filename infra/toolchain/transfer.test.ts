import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import type http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { FiredrillError } from '../../harness/core/errors.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { startReleaseServer } from './testing/release-server.ts';
import { transfer } from './transfer.ts';

const folder = temporaryDirectory('transfer');
const body = randomBytes(10_000);
writeFileSync(join(folder, 'file'), body);
const environment = {};

async function start() {
  const server = await startReleaseServer({ '/file': join(folder, 'file') });
  return {
    server,
    url: `${server.origin}/file`,
    partial: join(folder, `partial-${server.origin.slice(-5)}`),
  };
}

test('a slow transfer is no broken one as long as bytes come', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-length': body.length });
    let sent = 0;
    const more = setInterval(() => {
      response.write(body.subarray(sent, (sent += 1_000)));
      if (sent >= body.length) {
        clearInterval(more);
        response.end();
      }
    }, 20);
  };
  const seen: (number | undefined)[] = [];
  await transfer({
    url,
    partial,
    environment,
    stallLimitMs: 150,
    onBytes: (bytes, total) => seen.push(bytes, total),
  });
  assert.deepEqual(readFileSync(partial), body);
  assert.deepEqual([server.asked.length, seen.at(-2), seen.at(-1)], [1, body.length, body.length]);
});

test('one that falls silent is cut and goes on where it stopped', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  const { answer } = server;
  server.answer = (request, response) => {
    if (request.headers.range !== undefined) {
      answer(request, response);
      return;
    }
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, 4_000));
  };
  await transfer({ url, partial, environment, stallLimitMs: 50, retryMs: 1, onBytes: () => undefined });
  assert.deepEqual(readFileSync(partial), body);
  assert.deepEqual(server.asked, ['/file', '/file bytes=4000-']);
});

test('one that breaks off and comes further each time arrives; one that comes no further ends', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  let most = body.length;
  server.answer = ({ headers }, response) => {
    const from = Number(/\d+/.exec(headers.range ?? '0')?.[0]);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from });
    const until = Math.min(from + 1_500, most);
    if (until === body.length) response.end(body.subarray(from));
    else if (until === from) response.destroy();
    // What was sent has to arrive before the connection goes.
    else response.write(body.subarray(from, until), () => setTimeout(() => response.destroy(), 10));
  };
  const request = { url, partial, environment, retryMs: 1, onBytes: () => undefined };
  await transfer(request);
  assert.deepEqual(readFileSync(partial), body);
  // More than may come to nothing in a row.
  assert.ok(server.asked.length >= 7, server.asked.join());
  most = 3_000;
  writeFileSync(partial, '');
  await assert.rejects(transfer(request), (error) => {
    assert.ok(error instanceof FiredrillError && error.code === 'toolchain.download-failed');
    assert.match(error.message, /broke off at byte 3000/);
    return true;
  });
});

test('what is whole already has arrived, and of what is not only the rest needs room', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  writeFileSync(partial, body);
  server.answer = (_, response) => response.writeHead(416).end();
  await transfer({ url, partial, environment, onBytes: () => undefined });
  assert.deepEqual([server.asked, readFileSync(partial)], [['/file bytes=10000-'], body]);
  // Without its holes no disk would hold it.
  truncateSync(partial, 10 ** 12);
  server.answer = (_, response) => response.writeHead(206, { 'content-length': 4 }).end('rest');
  const seen: unknown[] = [];
  await transfer({ url, partial, environment, onBytes: (...bytes) => seen.push(bytes) });
  assert.deepEqual(seen, [[10 ** 12 + 4, 10 ** 12 + 4]]);
});

test('a host that sends the whole again is counted from the beginning', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  writeFileSync(partial, 'stale');
  server.answer = (_, response) => response.end(body);
  const seen: (number | undefined)[] = [];
  await transfer({ url, partial, environment, onBytes: (...bytes) => seen.push(...bytes) });
  assert.deepEqual([seen.at(-2), seen.at(-1), readFileSync(partial)], [body.length, body.length, body]);
});

test('an interruption ends a transfer with its own reason, and nothing is asked again', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  const abort = new AbortController();
  server.answer = () => abort.abort(new Error('changed my mind'));
  const request = { url, partial, environment, signal: abort.signal, onBytes: () => undefined };
  await assert.rejects(transfer(request), /^Error: changed my mind$/);
  assert.equal(server.asked.length, 1);
});

test('a host that sends more than any file has is cut off, by what it announces or by what comes, and nothing of it stays', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  const endless = (_: unknown, response: http.ServerResponse): void => {
    response.writeHead(200);
    const more = (): void => {
      response.write(body.subarray(0, 1_000), (error) => error ?? setImmediate(more));
    };
    more();
  };
  const announced = (_: unknown, response: http.ServerResponse): void => {
    response.writeHead(200, { 'content-length': 10 ** 9 });
    response.write('x');
  };
  for (const answer of [endless, announced]) {
    server.answer = answer;
    await assert.rejects(
      transfer({ url, partial, environment, mostBytes: 50_000, onBytes: () => undefined }),
      {
        code: 'toolchain.download-failed',
        message: new RegExp(
          `^${url} sends (\\d{5,6}|${10 ** 9}) bytes or more, and no release file has 50000$`,
        ),
      },
    );
    assert.equal(existsSync(partial), false);
  }
  assert.deepEqual(server.asked, ['/file', '/file']);
});

test('what fills the disk is not kept to go on from', async () => {
  const { server, url, partial } = await start();
  await using _server = server;
  writeFileSync(partial, body.subarray(0, 4_000));
  server.answer = (_, response) => {
    response.writeHead(206, { 'content-length': 10 ** 15 });
    response.write('x');
  };
  await assert.rejects(transfer({ url, partial, environment, onBytes: () => undefined }), { code: 'ENOSPC' });
  assert.equal(existsSync(partial), false);
});
