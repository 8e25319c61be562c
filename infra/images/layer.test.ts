import assert from 'node:assert/strict';
import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ImageFile, ImageLayer } from './definition.ts';
import { resolveLayer as resolveIn } from './layer.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const resolveLayer = (layer: ImageLayer) => resolveIn(layer, '/nowhere');
const bytes = (path: string, text = 'x'): ImageFile => ({ path, from: { bytes: Buffer.from(text) } });

test('folders on the way are added once, and the order of the definition does not matter', async () => {
  const files = [bytes('/usr/lib/b'), bytes('/usr/lib/a'), bytes('/z')];
  const forwards = await resolveLayer({ id: 'a', files });
  const backwards = await resolveLayer({ id: 'a', files: files.toReversed() });
  assert.deepEqual(
    forwards.entries.map(({ kind, path }) => `${kind} ${path}`),
    ['directory usr', 'directory usr/lib', 'file usr/lib/a', 'file usr/lib/b', 'file z'],
  );
  assert.equal(forwards.key, backwards.key);
});

test('a folder that is named keeps its mode', async () => {
  const { entries } = await resolveLayer({
    id: 'a',
    files: [{ path: '/tmp', mode: 0o1777, from: { directory: true } }, bytes('/tmp/x')],
  });
  assert.deepEqual(entries[0], { kind: 'directory', path: 'tmp', mode: 0o1777 });
});

test('the key follows content, mode and path, and the identity of files', async () => {
  const directory = temporaryDirectory('layer');
  const source = join(directory, 'tool');
  writeFileSync(source, 'one');
  const keyOf = async (...files: ImageFile[]): Promise<string> =>
    (await resolveLayer({ id: 'a', files })).key;
  const fromFile: ImageFile = { path: '/tool', from: { file: source } };
  const keys = [
    await keyOf(bytes('/a', 'one')),
    await keyOf(bytes('/a', 'two')),
    await keyOf(bytes('/b', 'one')),
    await keyOf({ ...bytes('/a', 'one'), mode: 0o600 }),
    await keyOf({ path: '/a', from: { link: 'one' } }),
    await keyOf(fromFile),
  ];
  assert.equal(await keyOf(fromFile), keys.at(-1));
  chmodSync(source, 0o755);
  keys.push(await keyOf(fromFile));
  utimesSync(source, 1, 1);
  keys.push(await keyOf(fromFile));
  assert.equal(new Set(keys).size, keys.length);
});

test('wrong definitions are refused with the path', async () => {
  for (const path of ['relative', '/', '/a/../b', '/a//b', '/a/']) {
    await assert.rejects(resolveLayer({ id: 'a', files: [bytes(path)] }), { code: 'images.bad-path' }, path);
  }
  await assert.rejects(resolveLayer({ id: 'a', files: [bytes('/a'), bytes('/a')] }), {
    code: 'images.duplicate-path',
  });
  await assert.rejects(resolveLayer({ id: 'a', files: [bytes('/a'), bytes('/a/b')] }), {
    code: 'images.bad-path',
  });
  for (const source of ['/does/not/exist', tmpdir()]) {
    const files: ImageFile[] = [{ path: '/a', from: { file: source } }];
    await assert.rejects(resolveLayer({ id: 'a', files }), { code: 'images.source-missing' });
  }
});
