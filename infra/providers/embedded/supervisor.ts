// The supervisor of one embedded cluster: started detached, inside new network and mount namespaces, by the provider.
// Argument 1: the cluster's name. File descriptor 3: the host's network namespace.
import { readFileSync } from 'node:fs';
import { clusterPaths, clustersRoot } from '../../supervisor/cluster-directory.ts';
import { serveCluster } from '../../supervisor/serve.ts';
import { embeddedBackend } from './embedded-backend.ts';
import type { LaunchPlan } from './launch.ts';

const HOST_NAMESPACE_FD = 3;

const paths = clusterPaths(process.argv[2] ?? '', clustersRoot(process.env));
const searchPath = process.env['PATH'] ?? '';
const plan = JSON.parse(readFileSync(paths.spec, 'utf8')) as LaunchPlan;
await serveCluster(paths, (services) =>
  embeddedBackend({ plan, paths, hostNamespaceFd: HOST_NAMESPACE_FD, searchPath }, services),
);
