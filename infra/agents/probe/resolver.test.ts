import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { resolveEach, resolveOnce } from './resolver.ts';

/** A DNS server on loopback that gives this answer to every question, or none. */
async function dnsServer(
  answer: readonly number[] | undefined,
): Promise<{ server: Socket; address: string }> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    if (answer === undefined) return;
    const reply = Buffer.concat([
      question.subarray(0, 2),
      // An answer without an error; one question, one record.
      Buffer.from([0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]),
      questionOf(question),
      // The name of the question, type A, class IN, 0 s to live, four bytes.
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...answer]),
    ]);
    server.send(reply, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: `127.0.0.1:${server.address().port}` };
}

/** The question without the records that may follow it. */
function questionOf(message: Buffer): Buffer {
  return message.subarray(12, message.indexOf(0, 12) + 5);
}

test('an address needs no server', async () => {
  assert.equal(await resolveOnce('10.0.0.1'), '10.0.0.1');
  assert.equal(await resolveEach('::1', ['127.0.0.1:9'])(100), '::1');
});

test('a name is asked for anew each time', async () => {
  const { server, address } = await dnsServer([10, 1, 2, 3]);
  assert.equal(await resolveEach('shop.example', [address])(1_000), '10.1.2.3');
  server.close();
});

test('silent servers together cost no more than the time that is left', async () => {
  const silent = await Promise.all([dnsServer(undefined), dnsServer(undefined), dnsServer(undefined)]);
  const startMs = performance.now();
  const servers = silent.map(({ address }) => address);
  await assert.rejects(resolveEach('shop.example', servers)(400), /no address for shop.example/);
  const elapsedMs = performance.now() - startMs;
  assert.ok(elapsedMs < 750, `${elapsedMs} ms`);
  for (const { server } of silent) server.close();
});
