import { parseArgs } from 'node:util';
import { FiredrillError } from '../../../harness/core/errors.ts';

/** Every address of both families, or of the one that there is. */
export const EVERY_ADDRESS = '*';

interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** `--host` (or LISTEN_HOST, where `*` is every address; else loopback) and `--port` (8080). */
export function listenOptions({ argv, env }: Pick<NodeJS.Process, 'argv' | 'env'>): ListenOptions {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: { host: { type: 'string' }, port: { type: 'string', default: '8080' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new FiredrillError('agent.bad-port', `--port ${values.port} is no port`, { userError: true });
  }
  return { host: values.host ?? env['LISTEN_HOST'] ?? '127.0.0.1', port };
}
