import { writeIdentity, type ClusterPaths } from './cluster-directory.ts';
import { openControlDoor } from './control-door.ts';
import { isAlive, ownIdentity } from '../process/identity.ts';
import { SupervisedCluster, type SupervisedClusterOptions } from './supervised-cluster.ts';

const FAREWELL_MS = 500;
const OWNER_LOOK_EVERY_MS = 200;

/** Makes this process the supervisor of one cluster: brings it up, serves its control door, and ends with it. */
export async function serveCluster(
  paths: ClusterPaths,
  makeBackend: SupervisedClusterOptions['makeBackend'],
): Promise<void> {
  writeIdentity(paths.supervisor, ownIdentity());
  const cluster = new SupervisedCluster({
    paths,
    makeBackend,
    // The answer to the call that took the cluster down must leave this process before it ends.
    onEnd: () =>
      setImmediate(() => {
        door.close(() => process.exit(0));
        // A tunnel whose far end died with its machine may never close by itself.
        setTimeout(() => process.exit(0), FAREWELL_MS);
      }),
  });
  const door = await openControlDoor(paths.controlSocket, cluster);
  // Idle keep-alive connections would hold the door open for ever.
  door.keepAliveTimeout = 1;

  const { owner } = cluster.spec;
  const looks = setInterval(() => {
    if (owner === undefined || isAlive(owner)) return;
    clearInterval(looks);
    cluster.endBecause('its owner has gone: the cluster goes with it');
  }, OWNER_LOOK_EVERY_MS).unref();

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => cluster.endBecause(`told to end by ${signal}`));
  }
  // The terminal of whoever started it may go away; the cluster stays until it is taken down.
  process.on('SIGHUP', () => {});
  await cluster.start();
}
