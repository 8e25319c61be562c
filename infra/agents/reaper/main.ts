import { KubeClient } from '../../kube/client.ts';
import { inClusterTarget } from '../../kube/in-cluster.ts';
import { listenOptions } from '../http/listen-options.ts';
import { runAgent, untilAborted } from '../http/process.ts';
import { startService } from '../http/service.ts';
import { mountedPower } from '../../machines/machine-access.ts';
import { Reaper } from './reaper.ts';

runAgent('reaper', async (signal) => {
  const say = (text: string): void => void process.stdout.write(`reaper: ${text}\n`);
  const kube = new KubeClient(inClusterTarget(process.env), { userAgent: 'firedrill-reaper' });
  const reaper = new Reaper(kube, say, { power: mountedPower(kube.clock) });
  const service = await startService({
    ...listenOptions(process),
    notReady: () => reaper.notReady,
    metrics: () => '',
  });
  say(`listening on ${service.host}:${service.port}`);
  await reaper.run(signal);
  // Our own pod goes with the rest; ended by itself it would only be started again.
  await untilAborted(signal);
  await service.close();
  kube.close();
});
