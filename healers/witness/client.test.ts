import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { PodObject } from '../cluster/objects.ts';
import { PROOF_HEADER, proofOf } from '../runtime/peer-proof.ts';
import { WitnessClient } from './client.ts';

const TOKEN = 'of the replicas';
const QUESTION = { node: 'node-1', at: ['https://10.0.0.1:10250/healthz'], others: [], forMs: 100 };
const says = new Map<string, string>();
/** What a witness proves; a test changes it. */
let proves = (question: string, text: string) => proofOf(TOKEN, [question, text]);
const asked: string[] = [];
let server: http.Server;
let port: number;

before(async () => {
  server = http.createServer((request, response) => {
    const host = request.socket.localAddress ?? '';
    const question = request.url ?? '';
    asked.push(`${host} ${decodeURIComponent(question).replace(/nonce=[^&]*/, 'nonce')}`);
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

async function ask(...pods: readonly PodObject[]): ReturnType<WitnessClient['ask']> {
  asked.length = 0;
  const { signal } = new AbortController();
  return await new WitnessClient({
    ...{ ownPod: 'me', port, graceMs: 300, token: TOKEN, signal },
    pods: () => Promise.resolve(pods),
  }).ask(QUESTION);
}

async function wordOf(host: string): Promise<string | undefined> {
  return (await ask(pod('other', host, 'node-3'))).votes[0]?.says;
}

const json = (word: string): string => JSON.stringify({ says: word, because: 'so' });

test('witnesses are asked for as long as the question says, and their votes come with their nodes', async () => {
  says.set('127.0.3.1', json('silent'));
  assert.deepEqual(await ask(pod('me', '127.0.3.9', 'node-2'), pod('other', '127.0.3.1', 'node-3')), {
    ownNode: 'node-2',
    votes: [{ says: 'silent', because: 'so', from: 'node-3' }],
  });
  assert.deepEqual(asked, ['127.0.3.1 /view/node-1?nonce&for=100&at=https://10.0.0.1:10250/healthz&others=']);
});

test('one on the node in question, one that is not Ready, and we ourselves are no witnesses', async () => {
  const { votes } = await ask(
    pod('me', '127.0.3.1', 'node-2'),
    pod('there', '127.0.3.1', 'node-1'),
    pod('starting', '127.0.3.1', 'node-3', 'False'),
  );
  assert.deepEqual([votes, asked], [[], []]);
});

for (const [what, answer] of [
  ['no answer', undefined],
  ['nonsense', 'yes'],
  ['a word that does not exist', json('perhaps')],
] as const) {
  test(`${what} is unknown, never silent`, async () => {
    says.delete('127.0.3.3');
    if (answer !== undefined) says.set('127.0.3.3', answer);
    assert.equal(await wordOf('127.0.3.3'), 'unknown');
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
    assert.equal(await wordOf('127.0.3.4'), 'unknown');
    proves = usual;
    assert.equal(await wordOf('127.0.3.4'), 'silent');
  });
}
