import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { readJson } from './http-json.ts';

const MAX_BYTES = 1_048_576;

/** What is read of a request whose body is a JSON text of so many bytes. */
async function read(bytes: number): Promise<unknown> {
  const body = Buffer.from(`"${'a'.repeat(bytes - 2)}"`);
  const chunks = [body.subarray(0, 1_000), body.subarray(1_000)];
  return await readJson(Readable.from(chunks) as IncomingMessage);
}

test('a body of 1 MiB is read, and one byte more is refused', async () => {
  assert.equal(await read(MAX_BYTES), 'a'.repeat(MAX_BYTES - 2));
  await assert.rejects(read(MAX_BYTES + 1), { code: 'http.body-too-large', userError: true });
});
