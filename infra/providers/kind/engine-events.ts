import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from '../../engine/engine.ts';
import type { EngineName } from '../../engine/engine-names.ts';
import { boundToParent } from '../../process/find-program.ts';
import { CLUSTER_LABEL } from './kind-plan.ts';

const AGAIN_AFTER_MS = 1_000;

interface EngineFollower {
  /** The words after the engine's name; asked for anew each time. */
  args(): readonly string[];
  /** Listens to one of its lives; `restart` ends it. */
  listen(output: Readable, restart: () => void): void;
  /** It has ended, and will be started again. */
  onGap?(): void;
}

/** Keeps a command of an engine running that tells what happens, until the signal aborts. */
export function followEngine(engine: ContainerEngine, follower: EngineFollower, signal: AbortSignal): void {
  const follow = async (): Promise<void> => {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const child = spawn(...boundToParent(engine.name, follower.args()), {
        env: engine.env,
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

/** What each engine calls the beginning and the end of containers, and their pauses. */
const EVENTS: Readonly<Record<EngineName, readonly string[]>> = {
  docker: ['die', 'start', 'pause', 'unpause', 'destroy'],
  podman: ['died', 'start', 'pause', 'unpause', 'remove'],
  // nerdctl has no filter for them.
  nerdctl: [],
};

/**
 * Calls back whenever something may have happened to the containers of a cluster, and once whenever the engine has begun or
 * ceased to tell. What has happened is for the caller to look up.
 */
export function watchEngine(
  engine: ContainerEngine,
  kindCluster: string,
  onChange: () => void,
  signal: AbortSignal,
): void {
  const events = EVENTS[engine.name].flatMap((event) => ['--filter', `event=${event}`]);
  const label = events.length === 0 ? [] : ['--filter', `label=${CLUSTER_LABEL}=${kindCluster}`];
  followEngine(
    engine,
    {
      args: () => ['events', ...label, ...events],
      listen: (output) => output.on('data', onChange),
      onGap: onChange,
    },
    signal,
  );
}
