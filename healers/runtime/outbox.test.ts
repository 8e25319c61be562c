import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../harness/core/clock.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { Outbox, type Delivery, type Note } from './outbox.ts';
import { redact } from './redaction.ts';
import { slackDelivery, slackText } from './slack.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const servers: http.Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

function directory(): string {
  return temporaryDirectory('outbox');
}

/** An outbox on a stepped clock whose receiver answers as told. */
function stepped(answers: (sent: number) => Delivery, at = directory()) {
  const clock = new SimClock();
  const sent: { readonly atMs: number; readonly notes: readonly Note[] }[] = [];
  const lost: string[] = [];
  const outbox = new Outbox({
    directory: at,
    clock,
    deliver: (notes) => {
      sent.push({ atMs: clock.now().monoMs, notes });
      return Promise.resolve(answers(sent.length));
    },
    onLost: (note, why) => lost.push(`${note.text}: ${why}`),
    limit: 5,
  });
  const stop = new AbortController();
  const done = outbox.run(stop.signal);
  return {
    clock,
    outbox,
    sent,
    lost,
    stop: async () => {
      stop.abort();
      await clock.runUntil(clock.now().monoMs);
      await done;
    },
  };
}

const delivered = (): Delivery => ({ delivered: true });

test('one message a second, notes of one incident together', async () => {
  const { clock, outbox, sent, stop } = stepped(delivered);
  outbox.post('a', 'warning', 'a began');
  await clock.runUntil(100);
  outbox.post('b', 'warning', 'b began');
  outbox.post('a', 'critical', 'a is worse');
  outbox.post('a', 'resolved', 'a is over');
  outbox.post('b', 'resolved', 'b is over');
  await clock.runUntil(5000);
  assert.deepEqual(
    sent.map(({ atMs, notes }) => [atMs, notes.map(({ text }) => text).join(', ')]),
    [
      [0, 'a began'],
      [1000, 'b began, b is over'],
      [2000, 'a is worse, a is over'],
    ],
  );
  assert.equal(outbox.depth, 0);
  await stop();
});

test("the receiver's own wait is kept, and the same message tried again", async () => {
  const { clock, outbox, sent, stop } = stepped((number) =>
    number === 1 ? { delivered: false, why: 'status 429', retryAfterMs: 9000 } : { delivered: true },
  );
  outbox.post('a', 'warning', 'began');
  await clock.runUntil(20_000);
  assert.deepEqual(
    sent.map(({ atMs }) => atMs),
    [0, 9000],
  );
  await stop();
});

test('a dead receiver is tried ever more rarely', async () => {
  const { clock, outbox, sent, stop } = stepped(() => ({
    delivered: false,
    why: 'ECONNREFUSED',
    retryAfterMs: undefined,
  }));
  outbox.post('a', 'warning', 'began');
  await clock.runUntil(40_000);
  assert.deepEqual(
    sent.map(({ atMs }) => atMs),
    [0, 1000, 3000, 7000, 15_000, 31_000],
  );
  await stop();
});

test('a message that the receiver refuses for good does not block the next', async () => {
  const { clock, outbox, sent, lost, stop } = stepped((number) =>
    number === 1 ? { delivered: false, why: 'status 400', retryAfterMs: 'never' } : { delivered: true },
  );
  outbox.post('a', 'warning', 'bad');
  outbox.post('b', 'warning', 'good');
  await clock.runUntil(2000);
  assert.equal(sent.length, 2);
  assert.deepEqual(lost, ['bad: status 400']);
  await stop();
});

test('a full queue loses its oldest note, and says so', async () => {
  const { outbox, lost, stop } = stepped(() => ({ delivered: false, why: 'down', retryAfterMs: 60_000 }));
  for (let number = 0; number < 7; number++) outbox.post(`incident-${number}`, 'warning', `note ${number}`);
  assert.equal(outbox.depth, 5);
  assert.deepEqual(lost, ['note 0: the queue is full', 'note 1: the queue is full']);
  await stop();
});

test('what was queued before a restart is sent after it, half-written files are not', async () => {
  const at = directory();
  const first = stepped(() => ({ delivered: false, why: 'down', retryAfterMs: 60_000 }), at);
  first.outbox.post('a', 'warning', 'from before');
  await first.stop();
  writeFileSync(join(at, '000000000099.json'), '{"incident":"b","te');
  const second = stepped(delivered, at);
  await second.clock.runUntil(100);
  assert.deepEqual(
    second.sent.map(({ notes }) => notes[0]?.text),
    ['from before'],
  );
  assert.deepEqual(readdirSync(at), []);
  await second.stop();
});

test('posting does not wait for a receiver that never answers', async () => {
  const server = http.createServer(() => undefined);
  servers.push(server);
  const url = await listening(server);
  const urlFile = join(directory(), 'url');
  writeFileSync(urlFile, `${url}/services/secret-path`);
  const outbox = new Outbox({
    directory: directory(),
    clock: systemClock,
    deliver: slackDelivery(urlFile, 'test'),
  });
  const stop = new AbortController();
  const done = outbox.run(stop.signal);
  outbox.post('a', 'warning', 'first');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const startedMs = performance.now();
  for (let number = 0; number < 100; number++) outbox.post('a', 'warning', `note ${number}`);
  assert.ok(performance.now() - startedMs < 1000, 'posting waited');
  stop.abort();
  await done;
});

test('Slack gets one text; 429 carries its wait, 4xx is final, 5xx is not', async () => {
  const bodies: string[] = [];
  const replies = [200, 429, 404, 503];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      bodies.push(text);
      const status = replies[bodies.length - 1] ?? 200;
      response.writeHead(status, status === 429 ? { 'retry-after': '3' } : {}).end();
    });
  });
  servers.push(server);
  const urlFile = join(directory(), 'url');
  writeFileSync(urlFile, await listening(server));
  const deliver = slackDelivery(urlFile, 'staging');
  const notes: Note[] = [{ incident: 'node-2.1', severity: 'warning', text: 'node-2 <is> off', wallMs: 0 }];
  const never = new AbortController().signal;
  assert.deepEqual(await deliver(notes, never), { delivered: true });
  assert.deepEqual(await deliver(notes, never), { delivered: false, why: 'status 429', retryAfterMs: 3000 });
  assert.deepEqual(await deliver(notes, never), {
    delivered: false,
    why: 'status 404',
    retryAfterMs: 'never',
  });
  assert.deepEqual(await deliver(notes, never), {
    delivered: false,
    why: 'status 503',
    retryAfterMs: undefined,
  });
  assert.match(
    (JSON.parse(bodies[0]!) as { text: string }).text,
    /\*staging\* warning `node-2.1`\n:warning: node-2 &lt;is&gt; off/,
  );
});

test('without a webhook nothing is sent and nothing is lost', async () => {
  const deliver = slackDelivery(join(directory(), 'none'), 'staging');
  const delivery = await deliver([], new AbortController().signal);
  assert.equal(!delivery.delivered && delivery.retryAfterMs !== 'never', true);
});

test('a message is cut at what Slack takes', () => {
  const notes: Note[] = [{ incident: 'a', severity: 'warning', text: 'x'.repeat(9000), wallMs: 0 }];
  assert.equal(slackText(notes, 'c').length, 3000);
});

for (const [secret, clean] of [
  ['https://user:pa55@host/path', 'https://***@host/path'],
  ['POST https://hooks.slack.com/services/T0/B0/abc failed', 'POST https://hooks.slack.com/*** failed'],
  ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer ***'],
  ['token=abc123, next', 'token=***, next'],
  ['password: "hunter2"', 'password: "***"'],
  ['jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln end', 'jwt *** end'],
  ['node-2: machine is off, kubelet silent', 'node-2: machine is off, kubelet silent'],
] as const) {
  test(`redaction: ${clean}`, () => {
    assert.equal(redact(secret), clean);
  });
}

async function listening(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a note that cannot be kept on the disk is sent all the same', async () => {
  const at = directory();
  const { clock, outbox, sent, stop } = stepped(delivered, at);
  rmSync(at, { recursive: true });
  outbox.post('audit', 'critical', 'the disk is full');
  await clock.runUntil(10);
  assert.deepEqual(
    sent.map(({ notes }) => notes.map(({ text }) => text)),
    [['the disk is full']],
  );
  await stop();
});
