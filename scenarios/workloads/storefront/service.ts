import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface ServiceOptions {
  readonly port: number;
  readonly host?: string;
  /** Answers what is not a health page. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** The metrics page in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** How long requests are still taken after the order to stop, while the endpoints are being withdrawn. */
  readonly drainMs: number;
  /** How long requests that are under way may take after that. */
  readonly graceMs: number;
  /** Told of a handler that threw; the client gets a 500. */
  readonly onError: (error: unknown) => void;
}

export interface RunningService {
  readonly port: number;
  /** Stops in order: not ready, then no new connections, then nothing under way. Resolves when all is done. */
  drain(): Promise<void>;
}

/** Serves health pages, metrics and the handler until it is drained. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  let draining = false;
  const server = createServer((request, response) => {
    // A client that keeps its connection to a pod which is going away would find it closed at the next request.
    if (draining) response.setHeader('connection', 'close');
    answer(request, response).catch((error: unknown) => {
      options.onError(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, 'internal error\n');
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    switch (request.url) {
      case '/health':
      case '/startup':
        send(response, 200, 'ok\n');
        return;
      case '/ready':
        send(response, draining ? 503 : 200, draining ? 'draining\n' : 'ok\n');
        return;
      case '/metrics':
        send(response, 200, await options.metrics(), 'text/plain; version=0.0.4; charset=utf-8');
        return;
      default:
        await options.handle(request, response);
    }
  };

  // Longer than the client keeps an idle connection: otherwise the server may close it under a request.
  server.keepAliveTimeout = 30_000;
  server.listen(options.port, options.host, 1024);
  await once(server, 'listening');

  let drained: Promise<void> | undefined;
  return {
    port: (server.address() as AddressInfo).port,
    drain: () => {
      draining = true;
      drained ??= drainServer(server, options);
      return drained;
    },
  };
}

async function drainServer(server: Server, options: ServiceOptions): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, options.drainMs));
  await new Promise<void>((resolve) => {
    const impatience = setTimeout(() => server.closeAllConnections(), options.graceMs);
    server.close(() => {
      clearTimeout(impatience);
      resolve();
    });
    server.closeIdleConnections();
  });
}

export function send(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
