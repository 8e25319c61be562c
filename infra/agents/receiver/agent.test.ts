import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { machineClock } from '../http/machine-clock.ts';
import { startReceiver } from './agent.ts';
import type { ReceivedPage } from './protocol.ts';

const token = 'for-tests';
const headers = { authorization: `Bearer ${token}` };
const receiver = await startReceiver({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
const base = `http://127.0.0.1:${receiver.port}`;
after(() => receiver.close());

const post = (path: string, body: unknown): Promise<Response> =>
  fetch(`${base}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
const page = async (query = ''): Promise<ReceivedPage> =>
  (await (await fetch(`${base}/received${query}`, { headers })).json()) as ReceivedPage;
const metrics = async (): Promise<string> => await (await fetch(`${base}/metrics`)).text();

test('what arrives is kept in order, with its form and both clocks', async () => {
  assert.equal((await post('/slack', { text: 'first' })).status, 200);
  assert.equal((await post('/webhook', { status: 'firing' })).status, 200);
  const { items, nextSeq } = await page();
  assert.deepEqual(
    items.map(({ seq, form }) => [seq, form]),
    [
      [0, 'slack'],
      [1, 'webhook'],
    ],
  );
  assert.equal(nextSeq, 2);
  assert.deepEqual((await page('?from=1')).items[0]?.body, { status: 'firing' });
});

test('a follower sees old and new lines as they come', async () => {
  const cut = new AbortController();
  const response = await fetch(`${base}/received?from=1&follow=true`, { headers, signal: cut.signal });
  assert.ok(response.body);
  const text: string[] = [];
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text.push(chunk);
    if (text.length === 1) await post('/slack', { text: 'later' });
    if (text.join('').includes('later')) break;
  }
  cut.abort();
  const lines = text.join('').replaceAll(/^\{"type":"beat".*\n/gm, '');
  assert.match(lines, /"hello".*\n.*"seq":1.*\n.*"seq":2/);
});

test('a reader of a receiver that was started anew is told so', async () => {
  assert.equal((await fetch(`${base}/received?instance=another`, { headers })).status, 410);
});

test('a body that is no JSON is refused and not kept', async () => {
  const before = (await page()).nextSeq;
  assert.equal((await fetch(`${base}/slack`, { method: 'POST', headers, body: 'oops' })).status, 400);
  assert.equal((await page()).nextSeq, before);
});

test('a fault is a series while it is active, and none afterwards', async () => {
  await post('/faults', { id: 'f1', kind: 'node.power-off', target: 'node-2' });
  assert.match(await metrics(), /^firedrill_fault_active\{kind="node.power-off",target="node-2"\} 1$/m);
  await fetch(`${base}/faults/f1`, { method: 'DELETE', headers });
  assert.doesNotMatch(await metrics(), /^firedrill_fault_active\{/m);
});

test('a fault that nobody repeats lapses', async () => {
  await post('/faults', { id: 'f2', kind: 'pod.kill', target: 'web-1', timeToLiveMs: 150 });
  assert.match(await metrics(), /^firedrill_fault_active\{/m);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.doesNotMatch(await metrics(), /^firedrill_fault_active\{/m);
});

test('a fault without a target is refused', async () => {
  assert.equal((await post('/faults', { id: 'f3', kind: 'pod.kill' })).status, 400);
});
