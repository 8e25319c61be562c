import { existsSync, readFileSync } from 'node:fs';
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
    throw new FiredrillError('agent.bad-port', `--port ${values.port} is no port`);
  }
  return { host: values.host ?? env['LISTEN_HOST'] ?? '127.0.0.1', port };
}

/**
 * The same, and the token in the file that TOKEN_FILE names, for an agent that does more than to show itself.
 * @throws FiredrillError `agent.no-token`
 */
export function guardedListenOptions({
  argv,
  env,
}: Pick<NodeJS.Process, 'argv' | 'env'>): ListenOptions & { readonly token: string } {
  const file = env['TOKEN_FILE'] ?? '';
  const token = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (token === '')
    throw new FiredrillError('agent.no-token', `TOKEN_FILE names no file with a token: ${file}`, {
      hint: 'without one everybody who reaches this port could use it',
    });
  return { ...listenOptions({ argv, env }), token };
}
