import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';
import { copiesOf, emptyDisks, SharedDisk } from './disk.ts';

const folder = temporaryDirectory('disk');
const told = join(folder, 'told');
const searchPath = process.env['PATH'];

before(() => {
  for (const name of ['mkfs.ext4', 'mount', 'umount'])
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${told}'\n`, { mode: 0o700 });
  process.env['PATH'] = `${folder}:${searchPath}`;
});
after(() => {
  process.env['PATH'] = searchPath;
});

/** The commands so far, each told once. */
function commands(): readonly string[] {
  const lines = existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [];
  rmSync(told, { force: true });
  return lines;
}

test('an empty disk is all for its node: without a journal, and with no block kept for root', async () => {
  const path = join(folder, 'empty');
  await emptyDisks.create(path);
  assert.deepEqual(commands(), [`mkfs.ext4 -q -F -O ^has_journal -m 0 ${path}`]);
  assert.equal(statSync(path).size, 4 * 1024 ** 3);
});

test('a disk is copied also when somebody has tidied its original away meanwhile', async () => {
  const golden = join(folder, 'golden');
  writeFileSync(golden, 'content');
  const disks = copiesOf(golden);
  rmSync(golden);
  await disks.create(join(folder, 'copy'));
  assert.equal(readFileSync(join(folder, 'copy'), 'utf8'), 'content');
});

test('a disk that nodes share is mounted once, to be read only, and what was not mounted is not unmounted', async () => {
  const shared = join(folder, 'shared');
  const disk = new SharedDisk('/disk', shared);
  await disk.unmount();
  await Promise.all([disk.mount(), disk.mount()]);
  await disk.unmount();
  assert.deepEqual(commands(), [`mount -o loop,ro /disk ${shared}`, `umount ${shared}`]);
  mkdirSync(join(folder, 'taken'));
  const failed = new SharedDisk('/disk', join(folder, 'taken'));
  await assert.rejects(failed.mount(), { code: 'EEXIST' });
  await failed.unmount();
  assert.deepEqual(commands(), []);
});
