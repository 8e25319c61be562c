// The supervisor of one kind cluster: started detached by the provider, in the namespaces of its user.
// Argument 1: the cluster's name.
import { readFileSync } from 'node:fs';
import { clusterPaths, clustersRoot } from '../../supervisor/cluster-directory.ts';
import { serveCluster } from '../../supervisor/serve.ts';
import { KindBackend } from './kind-backend.ts';
import type { KindPlan } from './kind-plan.ts';

const paths = clusterPaths(process.argv[2] ?? '', clustersRoot(process.env));
const plan = JSON.parse(readFileSync(paths.spec, 'utf8')) as KindPlan;
await serveCluster(paths, (services) => new KindBackend(plan, paths, process.env, services));
