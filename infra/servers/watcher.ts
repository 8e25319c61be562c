import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { sourceFile } from '../../harness/core/installation.ts';

/** The program that takes the containers of one session away. */
export const END_SESSION = join(import.meta.dirname, sourceFile('end-session-main'));
/** Makes it wait for the end of its standard input, and so of the process that holds the other side. */
export const WHEN_INPUT_ENDS = '--when-input-ends';

/** Takes a session's containers away when this process ends, however it ends. */
export interface Watcher {
  /** Nothing is left to watch. */
  dismiss(): void;
}

/** Starts a process that outlives this one by as long as the clearing away takes. */
export async function startWatcher(record: string, env: NodeJS.ProcessEnv): Promise<Watcher> {
  const child = spawn(process.execPath, [END_SESSION, record, WHEN_INPUT_ENDS], {
    // A Ctrl-C goes to the whole group, and is for those who are to end at once.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  await once(child, 'spawn');
  child.unref();
  // It ends by itself, and what it has not done the next command does.
  child.stdin.on('error', () => undefined);
  (child.stdin as unknown as Socket).unref();
  return {
    dismiss: () => {
      child.stdin.end();
    },
  };
}
