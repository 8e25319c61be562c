import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FiredrillError } from '../../harness/core/errors.ts';
import { diskHeadroom, explainNoSpace, memoryHeadroom, requireMemory } from './headroom.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const folder = temporaryDirectory('headroom');
const SOURCE = pathToFileURL(join(import.meta.dirname, 'headroom.ts')).href;

test('each node more needs more memory and more disk', () => {
  assert.ok(memoryHeadroom(50).neededBytes > memoryHeadroom(4).neededBytes + 8 * 1024 ** 3);
  const four = diskHeadroom(folder, 4);
  assert.equal(diskHeadroom(folder, 5).neededBytes - four.neededBytes, 128 * 1024 ** 2);
  assert.equal(diskHeadroom(join(folder, 'not', 'yet'), 4).availableBytes > 0, true);
});

test('too little memory is refused with both numbers', () => {
  assert.throws(
    () => requireMemory(4, { neededBytes: 1.8 * 1024 ** 3, availableBytes: 0.5 * 1024 ** 3 }),
    (error) =>
      error instanceof FiredrillError &&
      error.code === 'cluster.no-memory' &&
      error.message === '4 nodes need 1.8 GiB of memory, and 0.5 GiB are available',
  );
  requireMemory(4, { neededBytes: 5, availableBytes: 5 });
});

test('a disk that ran full is one clear error, and nothing else is taken for one', () => {
  const full = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
  assert.match((explainNoSpace(full, '/x') as FiredrillError).message, /ran full in \/x/);
  assert.match(
    (explainNoSpace(new Error('cp: error writing: No space left on device'), '/x') as Error).message,
    /ran full/,
  );
  const other = new Error('refused');
  assert.equal(explainNoSpace(other, '/x'), other);
});

const onSmallDisk = { skip: process.getuid?.() === 0 ? false : 'mounting needs root' };

test('on a small disk the cluster is refused with both numbers, and nothing is made', onSmallDisk, () => {
  const state = mkdtempSync(join(folder, 'state-'));
  const code = `import { requireDisk } from ${JSON.stringify(SOURCE)};
    try { requireDisk(${JSON.stringify(join(state, 'clusters'))}, 4); }
    catch (error) { process.stdout.write(error.code + ': ' + error.message); }`;
  const { stdout, stderr } = spawnSync(
    'unshare',
    [
      ...['--mount', '--', 'sh', '-ec'],
      `mount -t tmpfs -o size=64m tmpfs '${state}'; exec "$@"`,
      ...['sh', process.execPath, '--input-type=module-typescript', '-e', code],
    ],
    { encoding: 'utf8' },
  );
  assert.match(
    stdout,
    /^cluster\.no-disk-room: the disks of 4 nodes need 0\.8 GiB in .*, and 0\.1 GiB are free there$/,
    stderr,
  );
  assert.equal(existsSync(join(state, 'clusters')), false);
});
