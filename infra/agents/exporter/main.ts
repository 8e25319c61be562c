import { KubeClient } from '../../kube/client.ts';
import { inClusterTarget } from '../../kube/in-cluster.ts';
import { listenOptions } from '../http/listen-options.ts';
import { runAgent } from '../http/process.ts';
import { startService } from '../http/service.ts';
import { clusterState } from './cluster-state.ts';

runAgent('exporter', async (signal) => {
  const kube = new KubeClient(inClusterTarget(process.env), { userAgent: 'firedrill-exporter' });
  const state = clusterState(kube);
  const service = await startService({
    ...listenOptions(process),
    notReady: () => state.missing(),
    metrics: () => state.text(),
    statusOf: ({ code }) => (code === 'exporter.incomplete' ? 503 : undefined),
  });
  process.stdout.write(`exporter: listening on ${service.host}:${service.port}\n`);
  await state.run(signal);
  await service.close();
  kube.close();
});
