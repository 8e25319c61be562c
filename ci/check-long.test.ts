import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

test('a slice in which there is nothing is bad input, not a pass', () => {
  const args = [join(import.meta.dirname, 'check-long.ts'), '--part', 'goals', '--slice', '999/999'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 64);
  assert.match(stderr, /--slice 999\/999: there are \d+ units only/);
});
