import { rmSync, writeFileSync } from 'node:fs';
import {
  clusterPaths,
  clustersRoot,
  makeClusterDirectory,
  readIdentity,
  type ClusterPaths,
} from '../../../supervisor/cluster-directory.ts';
import { SupervisorClient } from '../../../supervisor/client.ts';
import type { ProcessIdentity } from '../../../process/identity.ts';
import { ANSWERS } from '../../../supervisor/protocol.ts';
import type { LaunchPlan } from '../launch.ts';
import { EMBEDDED_SUPERVISOR } from '../provider.ts';
import { startSupervisor } from '../../../supervisor/start-supervisor.ts';

const NOTHING = '/bin/false';

function plan(name: string): LaunchPlan {
  return {
    spec: { name, workers: 1, zones: 1, infraNodes: 0, machineProfile: 'bmc', environment: 'test' },
    software: [],
    tools: { etcd: NOTHING, 'kube-apiserver': NOTHING, ctr: NOTHING } as unknown as LaunchPlan['tools'],
    bootstrapObjects: '/nowhere',
    goldenDisks: { node: '/nowhere', images: '/nowhere' },
    images: [],
    pauseImage: '',
    dnsImage: '',
    seed: 1,
    apiPort: 0,
  };
}

/**
 * A real supervisor whose cluster goes on starting for a minute, since no program of a cluster is there: for tests of the
 * supervisor's own life, in a second instead of ten. `fails` makes the start fail at once, before there is a kubeconfig.
 */
export async function startIdleSupervisor(
  name: string,
  env: NodeJS.ProcessEnv,
  fails = false,
): Promise<{ paths: ClusterPaths; supervisor: SupervisorClient; pid: ProcessIdentity | undefined }> {
  const paths = clusterPaths(name, clustersRoot(env));
  makeClusterDirectory(paths, name, 'embedded');
  writeFileSync(paths.spec, JSON.stringify(plan(name)));
  if (fails) {
    rmSync(paths.pki, { recursive: true });
    writeFileSync(paths.pki, 'no directory');
  }
  const signal = AbortSignal.timeout(60_000);
  await startSupervisor(EMBEDDED_SUPERVISOR, name, paths, env, signal);
  const supervisor = new SupervisorClient(paths.controlSocket);
  if (fails) {
    for await (const { state } of supervisor.lines(ANSWERS.progress, '/v1/progress', signal))
      if (state === 'end') break;
  }
  return { paths, supervisor, pid: readIdentity(paths.supervisor) };
}
