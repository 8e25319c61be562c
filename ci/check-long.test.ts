import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { tryLock } from '../infra/process/lock.ts';
import { parts } from './long/parts.ts';

function checkLong(...args: readonly string[]) {
  const path = join(import.meta.dirname, 'check-long.ts');
  return spawnSync(process.execPath, [path, ...args], { encoding: 'utf8' });
}

test('a slice in which there is nothing is bad input, not a pass', () => {
  const { status, stderr } = checkLong('--part', 'goals', '--slice', '999/999');
  assert.equal(status, 64);
  assert.match(stderr, /--slice 999\/999: there are \d+ units only/);
});

test('without a choice nothing begins: what there is to choose from is told, and how', () => {
  for (const args of [[], ['--slice', '1/2'], ['--all', '--part', 'goals']]) {
    const { status, stdout, stderr } = checkLong(...args);
    assert.deepEqual([status, stdout], [64, '']);
    assert.match(stderr, /^choose by --part or by --all\nusage: /);
    for (const { name, what } of parts) assert.ok(stderr.includes(`  ${name.padEnd(12)}${what}\n`), stderr);
  }
});

test('a second one at once is refused, and told who holds the first', () => {
  const lock = tryLock(join(import.meta.dirname, '..', '.firedrill', 'measuring.lock'));
  const { status, stderr } = checkLong('--part', 'simulation');
  const { pid } = 'pid' in lock ? lock : process;
  if (!('pid' in lock)) lock[Symbol.dispose]();
  assert.equal(status, 64);
  assert.match(stderr, new RegExp(`another run \\(pid ${pid}\\) is going on[^]*kill ${pid}`));
});
