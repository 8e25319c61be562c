import assert from 'node:assert/strict';
import type http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import { AuditFile } from './audit-file.ts';
import type { AuditLine } from './audit-chain.ts';
import { healerServer, listen } from './http-server.ts';
import { isProof, PROOF_HEADER, proofOf } from './peer-proof.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const TOKEN = 'of the replicas';
const LOOK = 'nonce=7&for=900&at=http://a/';
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
    view: ({ node, at, forMs }) =>
      node === 'broken'
        ? Promise.reject(new Error('no view'))
        : Promise.resolve({ says: 'alive', because: `${node} ${at.join()} ${forMs}` }),
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
  assert.equal((await fetch(`${base}/view/../../etc`)).status, 404);
  assert.equal((await ask(`/view/broken?${LOOK}`)).status, 500);
  assert.equal((await ask('/view/node-1?nonce=7&for=0&at=http://a/')).status, 404);
  assert.equal((await ask('/view/node-1?nonce=7&for=60001&at=http://a/')).status, 404);
  assert.equal((await ask('/view/node-1?nonce=7&for=900&at=file:///etc')).status, 404);
  assert.equal((await fetch(`${base}/health`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${base}/audit?from=-1`, bearer)).status, 400);
});

/** Asks as the other healer does, or with another proof. */
async function ask(path: string, proof = proofOf(TOKEN, [path])): Promise<Response> {
  return await fetch(`${base}${path}`, { headers: { [PROOF_HEADER]: proof } });
}

test('a view is for who proves that it knows the token, and the answer proves it, too', async () => {
  const response = await ask(`/view/node-1?${LOOK}`);
  const text = await response.text();
  assert.deepEqual(JSON.parse(text), { says: 'alive', because: 'node-1 http://a/ 900' });
  const shown = response.headers.get(PROOF_HEADER) ?? undefined;
  assert.ok(isProof(shown, TOKEN, [`/view/node-1?${LOOK}`, text]));
  assert.ok(!isProof(shown, TOKEN, [`/view/node-1?${LOOK.replace('7', '8')}`, text]), 'of one question only');
  assert.equal((await fetch(`${base}/view/node-1?${LOOK}`)).status, 401);
  assert.equal((await ask(`/view/node-2?${LOOK}`, proofOf(TOKEN, [`/view/node-1?${LOOK}`]))).status, 401);
  assert.equal((await ask(`/view/node-1?${LOOK}`, proofOf('', [`/view/node-1?${LOOK}`]))).status, 401);
  assert.ok(!isProof(proofOf('', []), '', []), 'an empty token proves nothing');
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
