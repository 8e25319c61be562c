import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { readJson } from './http-json.ts';

const MAX_BYTES = 1_048_576;

/** What is read of a request whose body is a JSON text of so many bytes. */
async function read(bytes: number): Promise<unknown> {
  const body = Buffer.from(`"${'a'.repeat(bytes - 2)}"`);
  const request = new IncomingMessage(new Socket());
  for (const chunk of [body.subarray(0, 1_000), body.subarray(1_000), null]) request.push(chunk);
  return await readJson(request);
}

test('a body of 1 MiB is read, and one byte more is refused', async () => {
  assert.equal(await read(MAX_BYTES), 'a'.repeat(MAX_BYTES - 2));
  await assert.rejects(read(MAX_BYTES + 1), { code: 'http.body-too-large', userError: true });
});
