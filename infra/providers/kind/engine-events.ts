import { followEngine } from './follow-engine.ts';
import { CLUSTER_LABEL } from './names.ts';
import type { EngineName } from '../../engine/engine-names.ts';

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
