import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** An answer as a user gets it, over a connection of its own. */
export async function fetchPage(
  port: number,
  path: string,
): Promise<{
  readonly status: number;
  readonly body: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}> {
  return new Promise((resolve, reject) => {
    const call = get({ host: '127.0.0.1', port, path, agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
      response.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`no answer to ${path}`)));
    call.on('error', reject);
  });
}

/** What kube-proxy does for a service: leads each new connection to the next backend, and kept ones stay there. */
export async function startConnectionBalancer(
  backends: readonly number[],
): Promise<{ readonly port: number; readonly led: readonly number[]; close(): void }> {
  const led: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const backend = backends[led.length % backends.length] ?? 0;
    led.push(backend);
    const upstream = connect(backend, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    led,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

export interface ServiceProcess {
  readonly process: ChildProcess;
  readonly port: number;
  /** From the start of the process to its word that it listens. */
  readonly startMs: number;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

/** Runs one of the services as a process of its own, as a pod would. */
export async function startProcess(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const begin = performance.now();
  const child = spawn(process.execPath, [file], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { event: string; port?: number };
    if (said.event !== 'listening' || said.port === undefined)
      throw new Error(`unexpected first line: ${line}`);
    child.stdout.resume();
    return {
      process: child,
      port: said.port,
      startMs: performance.now() - begin,
      ended,
      kill: () => child.kill('SIGKILL'),
    };
  }
  throw new Error(`${file} ended before it listened`);
}
