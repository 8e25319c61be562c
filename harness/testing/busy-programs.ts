import { spawn } from 'node:child_process';

/** Programs that do nothing but run, until they are disposed of. */
export function busyPrograms(count: number): Disposable {
  const busy = new DisposableStack();
  for (let program = 0; program < count; program++) {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    busy.defer(() => child.kill('SIGKILL'));
  }
  return busy;
}
