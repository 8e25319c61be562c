import { describeError, FiredrillError } from '../harness/core/errors.ts';
import { inClusterTarget } from '../infra/kube/in-cluster.ts';
import { readHealerConfig } from './config.ts';
import { runHealer } from './healer.ts';

/** One healer replica in its pod: POD_NAME and POD_UID say who it is, the service account where. */
async function main(): Promise<void> {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => stopping.abort(new FiredrillError('healer.stopping', `${name} received`)));
  }
  const target = inClusterTarget(process.env);
  const setting = {
    target,
    namespace: target.namespace,
    pod: process.env['POD_NAME'] ?? 'healer',
    podUid: process.env['POD_UID'] ?? String(process.pid),
  };
  await runHealer(setting, readHealerConfig(process.env), stopping.signal);
}

main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = error instanceof FiredrillError && error.userError ? 64 : 70;
});
