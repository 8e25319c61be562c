import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pauseProgram } from './pause.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const SIGCHLD_BIT = 1n << 16n;

test('the program waits in one system call, ignores the end of children, and takes almost no memory', async (context) => {
  const directory = temporaryDirectory('pause');
  const program = join(directory, 'pause');
  writeFileSync(program, pauseProgram(process.arch), { mode: 0o755 });
  const child = spawn(program, { stdio: 'ignore' });
  context.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const proc = (file: string): string => readFileSync(`/proc/${child.pid ?? 0}/${file}`, 'utf8');
  const fact = (name: string): string =>
    new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(proc('status'))?.[1] ?? '';
  // The process sleeps before the second look in all likelihood; asking 200 times makes sure.
  for (let look = 0; look < 200 && fact('State') !== 'S'; look++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(fact('State'), 'S');
  assert.equal(BigInt(`0x${fact('SigIgn')}`) & SIGCHLD_BIT, SIGCHLD_BIT);
  assert.ok(Number(fact('VmRSS')) < 64, 'less than 64 KiB');
  child.kill('SIGKILL');
  const [, signal] = (await once(child, 'exit')) as [unknown, string];
  assert.equal(signal, 'SIGKILL', 'it was still waiting');
});

test('a signal that it does not know does not make it spin or end', async (context) => {
  const directory = temporaryDirectory('pause');
  const program = join(directory, 'pause');
  writeFileSync(program, pauseProgram(process.arch), { mode: 0o755 });
  const child = spawn(program, { stdio: 'ignore' });
  context.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGSTOP');
  child.kill('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 50));
  const ticks = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8')
    .split(' ')
    .slice(13, 15);
  assert.deepEqual(ticks, ['0', '0'], 'no processor time');
  assert.equal(child.exitCode, null);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('the headers say what each machine wants to read; an unknown one is refused', () => {
  for (const [arch, machine] of [
    ['x64', 62],
    ['arm64', 183],
  ] as const) {
    const elf = Buffer.from(pauseProgram(arch));
    assert.equal(elf.readUInt16LE(18), machine);
    assert.equal(elf.readBigUInt64LE(96), BigInt(elf.length), 'the whole file is loaded');
    const action = elf.subarray(-32);
    assert.equal(action.readBigUInt64LE(0), 1n, 'SIG_IGN');
    assert.equal((elf.length - 32) % (arch === 'arm64' ? 8 : 1), 0);
  }
  assert.throws(() => pauseProgram('mips'), { code: 'images.unknown-architecture' });
});
