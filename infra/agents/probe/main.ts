import { parseArgs } from 'node:util';
import { runAgent, untilAborted } from '../http/process.ts';
import { machineClock, startProbeAgent } from './agent.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: process.env['LISTEN_HOST'] ?? '127.0.0.1' },
    port: { type: 'string', default: '8080' },
  },
});

runAgent('probe', async (signal) => {
  const agent = await startProbeAgent({
    host: values.host,
    port: Number(values.port),
    clock: machineClock(),
  });
  process.stdout.write(`probe: listening on ${agent.host}:${agent.port}\n`);
  await untilAborted(signal);
  await agent.close();
});
