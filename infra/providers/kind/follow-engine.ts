import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineName } from '../../engine/engine-names.ts';
import { boundToParent } from '../../process/find-program.ts';

const AGAIN_AFTER_MS = 1_000;

export interface EngineFollower {
  /** The words after the engine's name; asked for anew each time. */
  args(): readonly string[];
  /** Listens to one of its lives; `restart` ends it. */
  listen(output: Readable, restart: () => void): void;
  /** It has ended, and will be started again. */
  onGap?(): void;
}

/** Keeps a command of an engine running that tells what happens, until the signal aborts. */
export function followEngine(engine: EngineName, follower: EngineFollower, signal: AbortSignal): void {
  const follow = async (): Promise<void> => {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const child = spawn(...boundToParent(engine, follower.args()), {
        stdio: ['ignore', 'pipe', 'ignore'],
        signal,
      });
      follower.listen(child.stdout, () => void child.kill('SIGKILL'));
      await new Promise<void>((resolve) => {
        // Aborted, or not to be started: both are the end of it.
        child.once('error', () => resolve());
        child.once('close', () => resolve());
      });
      if (isOver()) return;
      follower.onGap?.();
      await delay(AGAIN_AFTER_MS, undefined, { signal });
    }
  };
  // It ends by the signal only.
  follow().catch(() => undefined);
}
