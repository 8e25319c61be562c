import { guardedListenOptions } from '../http/listen-options.ts';
import { machineClock } from '../http/machine-clock.ts';
import { runAgent, untilAborted } from '../http/process.ts';
import { startProbeAgent } from './agent.ts';

runAgent('probe', async (signal) => {
  const agent = await startProbeAgent({ ...guardedListenOptions(process), clock: machineClock() });
  process.stdout.write(`probe: listening on ${agent.host}:${agent.port}\n`);
  await untilAborted(signal);
  await agent.close();
});
