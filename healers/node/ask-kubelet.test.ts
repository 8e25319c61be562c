import assert from 'node:assert/strict';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import { testCertificate, type TestCertificate } from '../testing/certificate.ts';
import { kubeletAsker } from './ask-kubelet.ts';
import { QuestionLine } from './question-line.ts';

let certificate: TestCertificate;
const asker = kubeletAsker(300, systemClock);
const open: { close(): unknown; closeAllConnections?(): void }[] = [];

before(async () => {
  certificate = await testCertificate();
});

after(() => {
  asker.close();
  for (const each of open) {
    each.closeAllConnections?.();
    each.close();
  }
});

async function kubelet(answer: (count: number) => number | undefined) {
  let count = 0;
  const server = https.createServer({ cert: certificate.cert, key: certificate.key }, (_, response) => {
    const status = answer(++count);
    if (status !== undefined) response.writeHead(status).end('body');
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

for (const status of [200, 401, 403, 500]) {
  test(`HTTP ${status} is life`, async () => {
    const { port } = await kubelet(() => status);
    assert.equal(await asker.ask('127.0.0.1', port, false), 'answered');
  });
}

test('a connection without an HTTP answer is none', async () => {
  const { port } = await kubelet(() => undefined);
  const startedMs = performance.now();
  assert.equal(await asker.ask('127.0.0.1', port, false), 'silent');
  assert.ok(performance.now() - startedMs >= 295);
});

test('a listener that accepts and says nothing, not even TLS, is silent', async () => {
  const server = net.createServer(() => undefined);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  assert.equal(await asker.ask('127.0.0.1', (server.address() as AddressInfo).port, false), 'silent');
});

test('a refused connection is silence at once', async () => {
  const { port, server } = await kubelet(() => 200);
  await new Promise((resolve) => server.close(resolve));
  const startedMs = performance.now();
  assert.equal(await asker.ask('127.0.0.1', port, false), 'silent');
  assert.ok(performance.now() - startedMs < 250);
});

test('a kubelet that closed the kept connection is asked on a new one', async () => {
  const { port, server } = await kubelet(() => 200);
  assert.equal(await asker.ask('127.0.0.1', port, false), 'answered');
  server.closeAllConnections();
  assert.equal(await asker.ask('127.0.0.1', port, false), 'answered');
});

test('an answer that came while we were busy is read before the time-out counts', async () => {
  const { port } = await kubelet(() => 200);
  await asker.ask('127.0.0.1', port, false);
  const answer = asker.ask('127.0.0.1', port, false);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await answer, 'answered');
  const slow = await kubelet(() => 200);
  const busy = asker.ask('127.0.0.1', slow.port, false);
  const untilMs = performance.now() + 900;
  while (performance.now() < untilMs);
  assert.notEqual(await busy, 'silent');
});

test('no more questions than allowed are under way, and urgent ones go first', async () => {
  const line = new QuestionLine(2);
  const order: string[] = [];
  let now = 0;
  let most = 0;
  const question = (name: string) => async () => {
    most = Math.max(most, ++now);
    order.push(name);
    await new Promise((resolve) => setTimeout(resolve, 5));
    now--;
  };
  await Promise.all([
    line.take(false, question('a')),
    line.take(false, question('b')),
    line.take(false, question('c')),
    line.take(true, question('urgent')),
  ]);
  assert.equal(most, 2);
  assert.deepEqual(order, ['a', 'b', 'urgent', 'c']);
});

test('a question that fails leaves the line', async () => {
  const line = new QuestionLine(1);
  await assert.rejects(line.take(false, () => Promise.reject(new Error('no'))));
  assert.equal(await line.take(false, () => Promise.resolve('next')), 'next');
});

test('in a storm of urgent questions a quarter of the places is for calm ones, and what nobody wants is for the others', async () => {
  const line = new QuestionLine(8);
  const under: string[] = [];
  const answers: (() => void)[] = [];
  const ask = (kind: string) => (): Promise<void> => {
    under.push(kind);
    return new Promise((resolve) => answers.push(resolve));
  };
  for (let number = 0; number < 30; number++) void line.take(true, ask('urgent'));
  for (let number = 0; number < 30; number++) void line.take(false, ask('calm'));
  const count = (kind: string) => under.filter((each) => each === kind).length;
  assert.deepEqual([count('urgent'), count('calm')], [8, 0]);
  for (let turn = 0; turn < 12; turn++) {
    answers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Two calm ones take the first two places; then whoever goes is followed by one of its own kind.
  assert.deepEqual(under.slice(8, 10), ['calm', 'calm']);
  assert.deepEqual([count('urgent'), count('calm')], [16, 4]);
});
