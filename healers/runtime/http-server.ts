import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { carriesToken } from '../../infra/http/authorization.ts';
import type { AuditFile } from './audit-file.ts';

interface HealerServerOptions {
  readonly audit: Pick<AuditFile, 'linesFrom' | 'follow'>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Undefined when all is well, else what is missing. */
  readonly live: () => string | undefined;
  readonly ready: () => string | undefined;
  readonly started: () => string | undefined;
  /** Answers another healer, which has a node looked at. */
  readonly view: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>;
  /** What the replicas and who reads the audit know; empty: nobody reads the audit. */
  readonly token: string;
}

/**
 * One port for probes, metrics, the audit and the other healer:
 *   GET /health /ready /startup   200 or 503 with the reason
 *   GET /metrics                  Prometheus text
 *   GET /audit?from=N[&follow=0]  JSON lines from number N on, then each new one as it is written; for who carries the token
 *   GET /view/NODE?nonce=N...     looks at a node for another healer; question and answer prove that they know the token
 */
export function healerServer(options: HealerServerOptions): http.Server {
  const server = http.createServer((request, response) => {
    void answer(options, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  });
  server.requestTimeout = 5000;
  return server;
}

/** Resolves with the port once the server accepts connections. */
export async function listen(server: http.Server, port: number, host = '::'): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function answer(
  options: HealerServerOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://healer');
  if (request.method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end();
    return;
  }
  switch (url.pathname) {
    case '/health':
      state(response, options.live());
      return;
    case '/ready':
      state(response, options.ready());
      return;
    case '/startup':
      state(response, options.started());
      return;
    case '/metrics': {
      const { contentType, text } = await options.metrics();
      response.writeHead(200, { 'content-type': contentType }).end(text);
      return;
    }
    case '/audit':
      if (!carriesToken(request.headers.authorization, options.token)) {
        response.writeHead(401, { 'content-type': 'text/plain', 'www-authenticate': 'Bearer' });
        response.end('the token of the Secret firedrill-healer-token is needed\n');
        return;
      }
      streamAudit(options.audit, url, response);
      return;
  }
  if (url.pathname.startsWith('/view/')) {
    await options.view(request, response);
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
}

function state(response: http.ServerResponse, problem: string | undefined): void {
  response
    .writeHead(problem === undefined ? 200 : 503, { 'content-type': 'text/plain' })
    .end(`${problem ?? 'ok'}\n`);
}

/** A reader that is this far behind is cut off: it can come back with `from`. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

function streamAudit(audit: HealerServerOptions['audit'], url: URL, response: http.ServerResponse): void {
  const from = Number(url.searchParams.get('from') ?? '0');
  if (!Number.isSafeInteger(from) || from < 0) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('from must be a line number\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  for (const line of audit.linesFrom(from)) response.write(`${JSON.stringify(line)}\n`);
  if (url.searchParams.get('follow') === '0') {
    response.end();
    return;
  }
  const stop = audit.follow((line) => {
    if (line.seq < from) return;
    response.write(`${JSON.stringify(line)}\n`);
    if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
  });
  response.on('close', stop);
}
