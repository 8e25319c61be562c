import { createReadStream, statSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A release host of our own on the loopback. */
export interface ReleaseServer extends AsyncDisposable {
  readonly origin: string;
  /** Every GET so far: its address, and the range after a space. */
  readonly asked: string[];
  /** What it does with a GET; at first it gives out its files. */
  answer: Answer;
}

/** @param files Paths of files by the paths of their addresses */
export async function startReleaseServer(
  files: Readonly<Record<string, string>>,
  tls?: { readonly cert: string; readonly key: string },
): Promise<ReleaseServer> {
  const asked: string[] = [];
  const listener: Answer = (request, response) => {
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    asked.push([request.url, request.headers.range].filter(Boolean).join(' '));
    host.answer(request, response);
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const host: ReleaseServer = {
    origin: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    asked,
    answer: (request, response) => giveOut(files[request.url ?? ''], request, response),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return host;
}

/** Sends a whole file or the rest of it, as a release host does. */
export function giveOut(path: string | undefined, request: IncomingMessage, response: ServerResponse): void {
  if (path === undefined) {
    response.writeHead(404).end();
    return;
  }
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': statSync(path).size - start });
  createReadStream(path, { start }).pipe(response);
}
