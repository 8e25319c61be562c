import assert from 'node:assert/strict';
import type http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import { AuditFile } from './audit-file.ts';
import type { AuditLine } from './audit-chain.ts';
import { healerServer, listen } from './http-server.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const TOKEN = 'of the replicas';
const bearer = { headers: { authorization: `Bearer ${TOKEN}` } };
let server: http.Server;
let base: string;
let audit: AuditFile;
let missing: string | undefined;

before(async () => {
  const path = join(temporaryDirectory('server'), 'audit.jsonl');
  audit = new AuditFile({ path, clock: systemClock, pod: 'healer-a', bootId: 'boot' });
  server = healerServer({
    audit,
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }),
    live: () => undefined,
    ready: () => missing,
    started: () => missing,
    view: (_, response) => Promise.resolve(void response.end('looked')),
    token: TOKEN,
  });
  base = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
  audit.close();
});

test('probes say what is missing', async () => {
  missing = 'the caches are not filled yet';
  const response = await fetch(`${base}/ready`);
  assert.equal(response.status, 503);
  assert.equal(await response.text(), 'the caches are not filled yet\n');
  missing = undefined;
  assert.equal((await fetch(`${base}/startup`)).status, 200);
  assert.equal((await fetch(`${base}/health`)).status, 200);
});

test('metrics, views, and nothing else', async () => {
  assert.equal(await (await fetch(`${base}/metrics`)).text(), 'up 1\n');
  assert.equal(await (await fetch(`${base}/view/node-1`)).text(), 'looked');
  assert.equal((await fetch(`${base}/view/../../etc`)).status, 404);
  assert.equal((await fetch(`${base}/health`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${base}/audit?from=-1`, bearer)).status, 400);
});

test('the audit is for who carries the token', async () => {
  for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Bearer other' }]) {
    const response = await fetch(`${base}/audit?follow=0`, { headers });
    assert.equal(response.status, 401);
    assert.match(await response.text(), /Secret firedrill-healer-token/);
  }
  assert.equal((await fetch(`${base}/audit?follow=0`, bearer)).status, 200);
});

test('the audit is read from any number on, and followed', async () => {
  for (const detail of ['one', 'two', 'three']) audit.record({ event: 'acted', subject: 'node/a', detail });
  const past = await (await fetch(`${base}/audit?from=1&follow=0`, bearer)).text();
  assert.deepEqual(
    past
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditLine).detail),
    ['two', 'three'],
  );
  const stop = new AbortController();
  const response = await fetch(`${base}/audit?from=2`, { ...bearer, signal: stop.signal });
  audit.record({ event: 'recovered', subject: 'node/a', detail: 'four' });
  let text = '';
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  while (text.trim().split('\n').length < 2) text += (await reader.read()).value ?? '';
  stop.abort();
  assert.deepEqual(
    text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditLine).seq),
    [2, 3],
  );
});
