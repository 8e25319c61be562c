import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { test } from 'node:test';

const SOURCE = pathToFileURL(join(import.meta.dirname, 'interruption.ts')).href;
const EXIT = 'process.exit(interruption.signal.reason.exitCode)';

/** A command that waits for its interruption and then does as it is told: it ends with its exit code. */
function waitingCommand(whenInterrupted = EXIT) {
  const code = `import { listenForInterruption } from ${JSON.stringify(SOURCE)};
    const interruption = listenForInterruption((signal) => {
      process.stdout.write(signal + ' again');
      ${EXIT};
    });
    process.stdout.write('up');
    const stay = setInterval(() => {}, 1000);
    interruption.signal.addEventListener('abort', () => ${whenInterrupted});`;
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

for (const [what, interrupt, exitCode] of [
  ['SIGINT', (child: ReturnType<typeof waitingCommand>) => void child.kill('SIGINT'), 130],
  ['SIGTERM', (child: ReturnType<typeof waitingCommand>) => void child.kill('SIGTERM'), 143],
  ['the end of whoever started us', (child: ReturnType<typeof waitingCommand>) => child.disconnect(), 129],
] as const)
  test(`${what} interrupts, and the exit code says so`, { timeout: 10_000 }, async () => {
    const child = waitingCommand();
    await once(child.stdout ?? child, 'data');
    const ended = once(child, 'exit');
    interrupt(child);
    assert.deepEqual(await ended, [exitCode, null]);
  });

test('a second Ctrl-C interrupts nothing that is being ended; it is told', { timeout: 10_000 }, async () => {
  const child = waitingCommand("process.stdout.write('ending')");
  const said = async (): Promise<string> => String((await once(child.stdout ?? child, 'data'))[0]);
  assert.equal(await said(), 'up');
  child.kill('SIGINT');
  assert.equal(await said(), 'ending');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  assert.equal(await said(), 'SIGINT again');
  assert.deepEqual(await ended, [130, null]);
});
