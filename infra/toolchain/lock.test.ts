import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { liveHolder, ownMark, takeLock } from './lock.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firedrill-lock-'));
});
after(() => rm(folder, { recursive: true }));

/** A process that takes the lock, says so, and then holds it until it is killed. */
async function startHolder(lock: string) {
  const script = `
    const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))});
    await takeLock(${JSON.stringify(lock)});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

test('of many that want the lock at once, one at a time has it', async () => {
  const lock = join(folder, 'many');
  let inside = 0;
  let turns = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const held = await takeLock(lock);
      assert.equal(++inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      turns++;
      await held.release();
    }),
  );
  assert.equal(turns, 8);
});

test('a lock that another process holds is waited for, names that process, and is free at once after kill -9', async () => {
  const lock = join(folder, 'killed');
  const holder = await startHolder(lock);
  let waitedFor: number | undefined;
  let taken = false;
  const taking = takeLock(lock, { onWait: ({ pid }) => (waitedFor = pid) }).then((held) => {
    taken = true;
    return held;
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(waitedFor, holder.pid);
  assert.equal(taken, false);
  holder.kill('SIGKILL');
  await (await taking).release();
});

test('waiting ends when the signal aborts, and leaves no mark', async () => {
  const lock = join(folder, 'aborted');
  const held = await takeLock(lock);
  const abort = new AbortController();
  const waiting = takeLock(lock, { signal: abort.signal });
  setTimeout(() => {
    abort.abort(new Error('enough'));
  }, 50);
  await assert.rejects(waiting, (error) => error instanceof Error);
  await held.release();
  assert.deepEqual(await readdir(lock), []);
});

test('the mark of an earlier process whose pid was given out again holds nothing', async () => {
  const lock = join(folder, 'reused');
  await mkdir(lock);
  const mine = await ownMark();
  assert.equal((await liveHolder(mine))?.pid, process.pid);
  const [pid, ticks, nonce] = mine.split('-');
  await writeFile(join(lock, `${pid}-${Number(ticks) - 1}-${nonce}`), '');
  await (await takeLock(lock)).release();
});
