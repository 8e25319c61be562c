import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { isProof, PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import { answerView, viewPath } from './view.ts';
import type { VigilQuestion, Vote } from './vigil.ts';

const TOKEN = 'of the replicas';
const LOOK = 'nonce=7&for=900&at=http://a/';
const asked: VigilQuestion[] = [];
let server: http.Server;
let base: string;

before(async () => {
  server = http.createServer((request, response) => {
    void answerView(request, response, TOKEN, (question): Promise<Vote> => {
      asked.push(question);
      return Promise.resolve({ says: 'silent', because: question.node });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** Asks as a healer does, or with another proof. */
async function ask(path: string, proof = proofOf(TOKEN, [path])): Promise<Response> {
  return await fetch(`${base}${path}`, { headers: { [PROOF_HEADER]: proof } });
}

test('a view is for who proves that it knows the token, and the answer proves it, too', async () => {
  const response = await ask(`/view/node-1?${LOOK}`);
  const text = await response.text();
  assert.deepEqual(JSON.parse(text), { says: 'silent', because: 'node-1' });
  const shown = response.headers.get(PROOF_HEADER) ?? undefined;
  assert.ok(isProof(shown, TOKEN, [`/view/node-1?${LOOK}`, text]));
  assert.ok(!isProof(shown, TOKEN, [`/view/node-1?${LOOK.replace('7', '8')}`, text]), 'of one question only');
  assert.equal((await fetch(`${base}/view/node-1?${LOOK}`)).status, 401);
  assert.equal((await ask(`/view/node-2?${LOOK}`, proofOf(TOKEN, [`/view/node-1?${LOOK}`]))).status, 401);
  assert.equal((await ask(`/view/node-1?${LOOK}`, proofOf('', [`/view/node-1?${LOOK}`]))).status, 401);
  assert.ok(!isProof(proofOf('', []), '', []), 'an empty token proves nothing');
});

test('what a question says arrives as it was said', async () => {
  const question = {
    ...{ node: 'node-1', forMs: 5600, others: ['https://[fd00::2]:10250/healthz', 'https://10.0.0.3/'] },
    at: ['https://10.0.0.1:10250/healthz', 'http://10.0.0.1:10256/healthz'],
  };
  await ask(viewPath(question, 'once'));
  assert.deepEqual(asked.at(-1), question);
});

test('what is no question is not looked at', async () => {
  const before = asked.length;
  for (const path of [
    '/other',
    '/view/node-1',
    '/view/node-1?for=0&at=http://a/',
    '/view/node-1?for=60001&at=http://a/',
    '/view/node-1?for=900&at=file:///etc',
    '/view/NODE?for=900&at=http://a/',
  ])
    assert.equal((await ask(path)).status, 404, path);
  assert.equal(asked.length, before);
});
