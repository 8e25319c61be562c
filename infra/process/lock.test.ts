import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ownerOfName, ownIdentity, ownName } from './identity.ts';
import { takeLock, tryLock } from './lock.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const SOURCE = JSON.stringify(pathToFileURL(join(import.meta.dirname, 'lock.ts')).href);
const folder = temporaryDirectory('lock');
const path = join(folder, 'lock');
beforeEach(() => rmSync(path, { force: true }));

function startProcess(code: string) {
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

test('of many that want the lock at once, one at a time has it', async () => {
  let inside = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      using _lock = await takeLock(path);
      assert.equal(++inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    }),
  );
  assert.deepEqual(readdirSync(folder), []);
});

test('a lock that another process holds is waited for, names that process, and is free at once after kill -9', async () => {
  const holder = startProcess(`
    const { takeLock } = await import(${SOURCE});
    await takeLock(${JSON.stringify(path)});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`);
  await once(holder.stdout, 'data');
  const waited = Promise.withResolvers<number>();
  let taken = false;
  const taking = takeLock(path, { onWait: ({ pid }) => waited.resolve(pid) }).then((lock) => {
    taken = true;
    return lock;
  });
  assert.equal(await waited.promise, holder.pid);
  assert.equal(taken, false);
  holder.kill('SIGKILL');
  using _lock = await taking;
});

test('waiting ends when the signal aborts, and leaves nothing', async () => {
  const held = await takeLock(path);
  const abort = new AbortController();
  const waiting = takeLock(path, { signal: abort.signal, onWait: () => abort.abort(new Error('enough')) });
  await assert.rejects(waiting);
  held[Symbol.dispose]();
  assert.deepEqual(readdirSync(folder), []);
});

test('a lock that is held is refused with its holder, and is free again afterwards', () => {
  const lock = tryLock(path);
  assert.deepEqual(tryLock(path), ownIdentity());
  assert.ok(!('pid' in lock));
  lock[Symbol.dispose]();
  assert.ok(!('pid' in tryLock(path)));
});

test('a name tells whether its process lives, also where its pid was given out again, and nothing where it is none of ours', () => {
  const name = ownName();
  assert.equal(ownerOfName(name), 'alive');
  const [pid, ticks, nonce] = name.split('-');
  assert.equal(ownerOfName(`${pid}-${Number(ticks) - 1}-${nonce}`), 'dead');
  assert.equal(ownerOfName('anything'), undefined);
});

const ROUNDS = 20;
for (const [what, leave] of [
  ['nothing', () => undefined],
  [
    'the lock of an earlier process with the pid of a live one',
    (lock: string) => symlinkSync(identity({ startTicks: 1 }), lock),
  ],
  ['the lock of an earlier boot', (lock: string) => symlinkSync(identity({ bootId: 'x' }), lock)],
  ['an empty file', (lock: string) => writeFileSync(lock, '')],
] as const)
  test(`of processes that race for ${what} exactly one gets it`, { timeout: 60_000 }, async () => {
    const race = mkdtempSync(join(folder, 'race-'));
    for (let round = 0; round < ROUNDS; round++) leave(join(race, String(round)));
    const startMs = Date.now() + 700;
    // All spin up to the same instants; whoever wins keeps the lock until every other one has tried.
    const racers = Array.from({ length: 4 }, () =>
      startProcess(`import { tryLock } from ${SOURCE};
        const won = [];
        for (let round = 0; round < ${ROUNDS}; round++) {
          while (Date.now() < ${startMs} + 20 * round);
          if (!('pid' in tryLock(${JSON.stringify(`${race}/`)} + round))) won.push(round);
        }
        process.stdout.write(JSON.stringify(won));
        process.stdin.resume();`),
    );
    const answers = await Promise.all(
      racers.map(async ({ stdout }) => String(((await once(stdout, 'data')) as [Buffer])[0])),
    );
    const ended = racers.map((racer) => once(racer, 'exit'));
    for (const racer of racers) racer.stdin.end();
    await Promise.all(ended);
    const won = answers.flatMap((answer) => JSON.parse(answer) as number[]);
    assert.deepEqual(
      won.sort((one, other) => one - other),
      Array.from({ length: ROUNDS }, (_, round) => round),
    );
    rmSync(race, { recursive: true });
  });

function identity(other: object): string {
  return JSON.stringify({ ...ownIdentity(), ...other });
}
