// The supervisor of one embedded cluster: started detached, inside new network and mount namespaces, by the provider.
// Argument 1: the cluster's name. File descriptor 3: the host's network namespace.
import { readFileSync } from 'node:fs';
import { EmbeddedCluster } from '../embedded/embedded-cluster.ts';
import type { LaunchPlan } from '../embedded/launch.ts';
import { clusterPaths } from '../state-directory.ts';
import { writeIdentity } from './cluster-directory.ts';
import { openControlDoor } from './control-door.ts';
import { identityOf } from './process-identity.ts';

const HOST_NAMESPACE_FD = 3;
const FAREWELL_MS = 500;
/** A cluster whose owner never came within this time goes down again. */
const OWNER_WITHIN_MS = 15_000;

const paths = clusterPaths(process.argv[2] ?? '');
const plan = JSON.parse(readFileSync(paths.spec, 'utf8')) as LaunchPlan;
writeIdentity(paths.supervisor, identityOf(process.pid));

const cluster = new EmbeddedCluster({
  plan,
  paths,
  hostNamespaceFd: HOST_NAMESPACE_FD,
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

let ownerSeen = false;
const owned = cluster.owned.bind(cluster);
cluster.owned = () => {
  ownerSeen = true;
  return owned();
};
if (plan.spec.ephemeral === true) {
  setTimeout(() => {
    if (!ownerSeen) cluster.endBecause('no owner came');
  }, OWNER_WITHIN_MS).unref();
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    cluster.endBecause(`told to end by ${signal}`);
  });
}
// The terminal of whoever started it may go away; the cluster stays until it is taken down.
process.on('SIGHUP', () => {});
await cluster.start();
