import { guardedListenOptions } from '../http/listen-options.ts';
import { machineClock } from '../http/machine-clock.ts';
import { runAgent, untilAborted } from '../http/process.ts';
import { startReceiver } from './agent.ts';

runAgent('alert-receiver', async (signal) => {
  const receiver = await startReceiver({ ...guardedListenOptions(process), clock: machineClock() });
  process.stdout.write(`alert-receiver: listening on ${receiver.host}:${receiver.port}\n`);
  await untilAborted(signal);
  await receiver.close();
});
