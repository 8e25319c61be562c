import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { test } from 'node:test';

const SOURCE = pathToFileURL(join(import.meta.dirname, 'interruption.ts')).href;

/** A command that waits for its interruption and ends with its exit code. */
function waitingCommand() {
  const code = `import { listenForInterruption } from ${JSON.stringify(SOURCE)};
    const interruption = listenForInterruption(() => {});
    process.stdout.write('up');
    const stay = setInterval(() => {}, 1000);
    interruption.signal.addEventListener('abort', () => process.exit(interruption.signal.reason.exitCode));`;
  return spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
}

for (const [what, interrupt, exitCode] of [
  ['SIGINT', (child: ReturnType<typeof waitingCommand>) => void child.kill('SIGINT'), 130],
  ['the end of whoever started us', (child: ReturnType<typeof waitingCommand>) => child.disconnect(), 129],
] as const)
  test(`${what} interrupts, and the exit code says so`, { timeout: 10_000 }, async () => {
    const child = waitingCommand();
    await once(child.stdout ?? child, 'data');
    const ended = once(child, 'exit');
    interrupt(child);
    assert.deepEqual(await ended, [exitCode, null]);
  });
