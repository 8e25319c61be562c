import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { FiredrillError } from '../core/errors.ts';
import { takeRunLock } from './run-lock.ts';

const directory = mkdtempSync(join(tmpdir(), 'firedrill-run-lock-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'run.lock');
const SOURCE = pathToFileURL(join(import.meta.dirname, 'run-lock.ts')).href;

test('a lock that is held is refused with the pid of its holder, and is free again afterwards', () => {
  const lock = takeRunLock(path);
  assert.throws(
    () => takeRunLock(path),
    (error) =>
      error instanceof FiredrillError &&
      error.code === 'run.another-is-running' &&
      error.message.includes(`pid ${process.pid}`),
  );
  lock[Symbol.dispose]();
  takeRunLock(path)[Symbol.dispose]();
  assert.deepEqual(readdirSync(directory), []);
});

const DEAD = JSON.stringify({ pid: 4194305, startTicks: 1, bootId: 'x' });
for (const [what, left] of [
  ['nothing', undefined],
  ['the lock of a dead process', DEAD],
  ['an empty lock', ''],
] as const)
  test(`of processes that race for ${what} exactly one gets it`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < 5; round++) {
      rmSync(path, { force: true });
      if (left !== undefined) writeFileSync(path, left);
      const startMs = Date.now() + 700;
      // All spin up to the same instant; whoever wins keeps the lock until every other one has tried.
      const code = `import { takeRunLock } from ${JSON.stringify(SOURCE)};
        while (Date.now() < ${startMs});
        try { takeRunLock(${JSON.stringify(path)}); process.stdout.write('won'); }
        catch (error) { process.stdout.write(error.code); }
        process.stdin.resume();`;
      const racers = Array.from({ length: 4 }, () =>
        spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      );
      const answers = await Promise.all(
        racers.map(async ({ stdout }) => String(((await once(stdout, 'data')) as [Buffer])[0])),
      );
      const ended = racers.map((racer) => once(racer, 'exit'));
      for (const racer of racers) racer.stdin.end();
      await Promise.all(ended);
      assert.deepEqual(answers.sort(), [...Array<string>(3).fill('run.another-is-running'), 'won']);
      assert.ok(existsSync(path));
    }
  });
