import { spawn } from 'node:child_process';
import { connect, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FiredrillError } from '../../../harness/core/errors.ts';
import { sourceFile } from '../../../harness/core/installation.ts';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), sourceFile('host-listener-child'));

export interface HostListener {
  /** Port on 127.0.0.1 of the host. */
  readonly port: number;
  close(): void;
}

/**
 * Listens on the host's loopback, from inside the hub's network namespace, and passes each connection on to an
 * address of the hub's network.
 *
 * @param hostNamespaceFd open file descriptor of the host's network namespace
 * @param port 0 for any free one
 */
export async function forwardFromHost(
  hostNamespaceFd: number,
  port: number,
  target: { readonly host: string; readonly port: number },
): Promise<HostListener> {
  const { server, port: actualPort } = await openOnHost(hostNamespaceFd, port);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    const upstream = connect(target);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      // A broken connection is seen by its ends; the forwarder has nothing to add.
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  return {
    port: actualPort,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function openOnHost(hostNamespaceFd: number, port: number): Promise<{ server: Server; port: number }> {
  const child = spawn('nsenter', ['--net=/proc/self/fd/4', '--', process.execPath, CHILD, String(port)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', hostNamespaceFd],
  });
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(
        new FiredrillError(
          'supervisor.host-port',
          `127.0.0.1:${port || '(any)'} cannot be listened on: ${reason}`,
          { hint: 'choose another port, or let the system choose by leaving it out' },
        ),
      );
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`the process that opens the socket exited with code ${code ?? '?'}`));
    child.once('message', (message: { port?: number; error?: string }, server) => {
      if (message.error !== undefined || message.port === undefined)
        fail(message.error ?? 'no port was given');
      else resolve({ server: server as Server, port: message.port });
    });
  });
}
