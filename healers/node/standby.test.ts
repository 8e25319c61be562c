import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import type { PodObject } from '../cluster/objects.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import type { KubeletAnswer } from './kubelet-prober.ts';
import { freshView, StandbyClient } from './standby.ts';

const says = new Map<string, string>();
const asked: string[] = [];
let server: http.Server;
let port: number;

before(async () => {
  server = http.createServer((request, response) => {
    const host = request.socket.localAddress ?? '';
    asked.push(`${host} ${request.url ?? ''}`);
    const answer = says.get(host);
    if (answer !== undefined) response.end(answer);
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
  const asker = new StandbyClient({
    clock: systemClock,
    ownPod: 'me',
    port,
    timeoutMs: 400,
    pods: () => Promise.resolve(pods),
    onAnswer: () => answered.resolve(undefined),
    signal: new AbortController().signal,
  });
  asker.ask('node-1');
  asker.ask('node-1');
  await answered.promise;
  return asker.view('node-1')?.says;
}

const json = (word: string): string => JSON.stringify({ node: 'node-1', says: word });

test('the other healer is asked once, about the node', async () => {
  says.set('127.0.3.1', json('silent'));
  assert.equal(await ask([pod('me', '127.0.3.9', 'node-2'), pod('other', '127.0.3.1', 'node-3')]), 'silent');
  assert.deepEqual(asked, ['127.0.3.1 /view/node-1']);
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
