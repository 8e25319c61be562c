import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Pages of metrics that a test can change; an unknown page answers 404 and is down for Prometheus. */
export interface Pages {
  readonly address: string;
  set(path: string, lines: readonly string[]): void;
  close(): void;
}

export async function servePages(): Promise<Pages> {
  const pages = new Map<string, string>();
  const server = createServer((request, response) => {
    const text = pages.get(request.url ?? '');
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(text ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (path, lines) => pages.set(path, `${lines.join('\n')}\n`),
    close: () => server.close(),
  };
}
