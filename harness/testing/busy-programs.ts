import { spawn } from 'node:child_process';

/** Of what a program that wants a share of a processor runs one part, and rests for the other. */
const TURN_MS = 40;

/** Programs that do nothing but run, until they are disposed of; 1.5 are one that always does and one that rests half of each turn. */
export function busyPrograms(count: number): Disposable {
  const busy = new DisposableStack();
  for (let left = count; left > 0; left--) {
    const child = spawn(process.execPath, ['-e', programWanting(Math.min(left, 1))], { stdio: 'ignore' });
    busy.defer(() => child.kill('SIGKILL'));
  }
  return busy;
}

function programWanting(share: number): string {
  const run = `for (const startMs = performance.now(); performance.now() - startMs < ${share * TURN_MS}; );`;
  const rest = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${(1 - share) * TURN_MS});`;
  return `for (;;) { ${run} ${rest} }`;
}
