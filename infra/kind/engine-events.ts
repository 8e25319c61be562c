import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { CLUSTER_LABEL } from './names.ts';
import type { EngineName } from './settings.ts';

const AGAIN_AFTER_MS = 1_000;

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
  engine: EngineName,
  kindCluster: string,
  onChange: () => void,
  signal: AbortSignal,
): void {
  const events = EVENTS[engine].flatMap((event) => ['--filter', `event=${event}`]);
  const label = events.length === 0 ? [] : ['--filter', `label=${CLUSTER_LABEL}=${kindCluster}`];
  const args = ['--pdeathsig', 'KILL', '--', engine, 'events', ...label, ...events];
  const follow = async (): Promise<void> => {
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'ignore'], signal });
      child.stdout.on('data', onChange);
      await new Promise<void>((resolve) => {
        // Aborted, or not to be started: both are the end of it.
        child.once('error', () => resolve());
        child.once('close', () => resolve());
      });
      if (isOver()) return;
      onChange();
      await delay(AGAIN_AFTER_MS, undefined, { signal });
    }
  };
  // It ends by the signal only.
  follow().catch(() => undefined);
}
