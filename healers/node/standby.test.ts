import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import type { PodObject } from '../cluster/objects.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { KubeletAnswer } from './kubelet-prober.ts';
import { PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import { freshView, StandbyClient, StandbyViews } from './standby.ts';

const TOKEN = 'of the replicas';
const says = new Map<string, string>();
/** What the other healer proves; a test changes it. */
let proves = (question: string, text: string) => proofOf(TOKEN, [question, text]);
const asked: string[] = [];
let server: http.Server;
let port: number;

before(async () => {
  server = http.createServer((request, response) => {
    const host = request.socket.localAddress ?? '';
    const question = request.url ?? '';
    asked.push(`${host} ${question.replace(/nonce=.*/, 'nonce')}`);
    assert.equal(request.headers[PROOF_HEADER], proofOf(TOKEN, [question]));
    const answer = says.get(host);
    if (answer === undefined) return;
    response.writeHead(200, { [PROOF_HEADER]: proves(question, answer) }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  port = (server.address() as AddressInfo).port;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

function pod(name: string, podIP: string, nodeName: string, ready = 'True'): PodObject {
  return {
    metadata: { name, uid: name, resourceVersion: '1' },
    spec: { nodeName, containers: [] },
    status: { podIP, conditions: [{ type: 'Ready', status: ready }] },
  };
}

/** Asks the given pods about node-1 and returns what came of it. */
async function ask(pods: readonly PodObject[]): Promise<string | undefined> {
  asked.length = 0;
  const answered = Promise.withResolvers<undefined>();
  const { signal } = new AbortController();
  const client = new StandbyClient({
    ownPod: 'me',
    port,
    timeoutMs: 400,
    token: TOKEN,
    pods: () => Promise.resolve(pods),
    signal,
  });
  const views = new StandbyViews({
    clock: systemClock,
    ask: async (node) => await client.ask(node),
    onAnswer: () => answered.resolve(undefined),
    signal,
  });
  views.ask('node-1');
  views.ask('node-1');
  await answered.promise;
  return views.view('node-1')?.says;
}

const json = (word: string): string => JSON.stringify({ node: 'node-1', says: word });

test('the other healer is asked once, about the node', async () => {
  says.set('127.0.3.1', json('silent'));
  assert.equal(await ask([pod('me', '127.0.3.9', 'node-2'), pod('other', '127.0.3.1', 'node-3')]), 'silent');
  assert.deepEqual(asked, ['127.0.3.1 /view/node-1?nonce']);
});

test('a healer on the node in question, one that is not Ready, and we ourselves are no witnesses', async () => {
  const pods = [
    pod('me', '127.0.3.1', 'node-2'),
    pod('there', '127.0.3.1', 'node-1'),
    pod('starting', '127.0.3.1', 'node-3', 'False'),
  ];
  assert.equal(await ask(pods), 'nobody');
  assert.deepEqual(asked, []);
});

test('one healer that hears the kubelet outweighs others that do not', async () => {
  says.set('127.0.3.2', json('alive'));
  assert.equal(await ask([pod('a', '127.0.3.1', 'node-3'), pod('b', '127.0.3.2', 'node-4')]), 'alive');
});

for (const [what, answer] of [
  ['no answer', undefined],
  ['nonsense', 'yes'],
  ['a word that does not exist', json('perhaps')],
] as const) {
  test(`${what} is unknown, never silent`, async () => {
    says.delete('127.0.3.3');
    if (answer !== undefined) says.set('127.0.3.3', answer);
    assert.equal(await ask([pod('a', '127.0.3.3', 'node-3')]), 'unknown');
  });
}

for (const [what, proof] of [
  ['nobody proves', () => ''],
  ['who has another token proves', (question: string, text: string) => proofOf('other', [question, text])],
  [
    'was the answer to another question',
    (_: string, text: string) => proofOf(TOKEN, ['/view/node-1?nonce=1', text]),
  ],
  ['was another answer', (question: string) => proofOf(TOKEN, [question, json('alive')])],
] as const) {
  test(`a word that ${what} is unknown, never silent`, async () => {
    says.set('127.0.3.4', json('silent'));
    const usual = proves;
    proves = proof;
    assert.equal(await ask([pod('a', '127.0.3.4', 'node-3')]), 'unknown');
    proves = usual;
    assert.equal(await ask([pod('a', '127.0.3.4', 'node-3')]), 'silent');
  });
}

async function look(answers: readonly KubeletAnswer[]): Promise<string> {
  const clock = new SimClock();
  const left = [...answers];
  const view = freshView(() => Promise.resolve(left.shift() ?? 'silent'), answers.length, 200, clock);
  await clock.runUntil(1000);
  return await view;
}

test('a fresh look is silence only when every question was missed', async () => {
  assert.equal(await look(['silent', 'silent', 'silent']), 'silent');
  assert.equal(await look(['silent', 'silent', 'answered']), 'alive');
  assert.equal(await look(['silent', 'discarded', 'silent']), 'unknown');
});
