import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { commandSuite, endInOrder, runProgram } from './command.ts';

const directory = temporaryDirectory('command');

/** A program that says by a file that it is up, and then does what its source says. */
function program(name: string, source: string) {
  const [path, up] = [join(directory, `${name}.mjs`), join(directory, `${name}-is-up`)];
  writeFileSync(
    path,
    `import { writeFileSync } from 'node:fs';
    const say = (word) => writeFileSync(${JSON.stringify(up)}, word);
    ${source}
    say(String(process.pid));`,
  );
  const untilItSays = async (word: RegExp): Promise<string> => {
    while (!existsSync(up) || !word.test(readFileSync(up, 'utf8'))) await delay(5);
    return readFileSync(up, 'utf8');
  };
  return { path, untilItSays };
}
const ENDS_IN_ORDER =
  "process.on('SIGTERM', () => { console.log('in order'); process.exit(3); }); setInterval(() => {}, 1000);";
/** None takes a second; one that fails would wait for ever. */
const WITHIN = { timeout: 20_000 };
const kept = { output: 'kept' } as const;

test('a program passes as a test by code 0, and fails by any other', async () => {
  const { signal } = new AbortController();
  const result = await commandSuite(['-e', 'console.log("said")'], signal, kept);
  assert.deepEqual(result, { passed: 1, failed: 0, skipped: 0, output: 'said\n' });
  assert.equal((await commandSuite(['-e', 'process.exitCode = 1'], signal, kept)).failed, 1);
});

test(
  'one that is interrupted is asked to end in order, and has neither passed nor failed; afterwards none is begun',
  WITHIN,
  async () => {
    const { path, untilItSays } = program('orderly', ENDS_IN_ORDER);
    const abort = new AbortController();
    const running = commandSuite([path], abort.signal, kept);
    await untilItSays(/\d/);
    abort.abort(new Error('stopped by SIGINT'));
    assert.deepEqual(await running, { passed: 0, failed: 0, skipped: 0, output: 'in order\n' });
    await assert.rejects(runProgram([path], abort.signal), { message: 'stopped by SIGINT' });
  },
);

test('one that does not end in order is killed with its group', WITHIN, async () => {
  const { path, untilItSays } = program(
    'stubborn',
    "process.on('SIGTERM', () => say('heard it')); setInterval(() => {}, 1000);",
  );
  const child = spawn(process.execPath, [path], { detached: true });
  const ended = once(child, 'exit');
  await untilItSays(/\d/);
  endInOrder(child, 200);
  await untilItSays(/heard it/);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

test('a program hears that who runs it was killed', WITHIN, async () => {
  const { path, untilItSays } = program(
    'bereaved',
    "process.on('disconnect', () => { say('alone'); process.exit(); }); setInterval(() => {}, 1000);",
  );
  const source = `const { runProgram } = await import(${JSON.stringify(new URL('command.ts', import.meta.url).href)});
    await runProgram([${JSON.stringify(path)}]);`;
  const runner = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' });
  await untilItSays(/\d/);
  runner.kill('SIGKILL');
  await untilItSays(/alone/);
});
