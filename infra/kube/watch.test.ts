import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linesOf, watchFrames } from './watch.ts';

async function* chunks(buffer: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let index = 0; at < buffer.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield await Promise.resolve(buffer.subarray(at, at + size));
    at += size;
  }
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

test('lines come out whole, however the bytes are cut, in the middle of a character too', async () => {
  const line = fc.string({ unit: 'binary', maxLength: 30 }).filter((text) => !text.includes('\n'));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(fc.array(line), sizes, async (lines, cut) => {
    const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
    const expected = lines.map((each) => Buffer.from(each).toString('utf8'));
    assert.deepEqual(await collect(linesOf(chunks(bytes, cut))), expected);
  });
  await fc.assert(property);
});

test('a half line at the end of a watch is no event', async () => {
  const bytes = Buffer.from('whole\nhalf');
  assert.deepEqual(await collect(linesOf(chunks(bytes, [3]))), ['whole']);
});

test('a line that is no JSON breaks the watch', async () => {
  const bytes = Buffer.from('{"type":"BOOKMARK","object":{}}\n<html>\n');
  await assert.rejects(collect(watchFrames(chunks(bytes, [100]))), {
    code: 'kube.bad-frame',
    message: /<html>/,
  });
});
