import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Script = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** An HTTP server that answers as a test says: for what a real API server does only on a bad day. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server: Server;
  /** `METHOD /path?query` of each request, in order. */
  readonly seen: string[] = [];

  private constructor(script: Script) {
    this.#server = createServer((request, response) => {
      this.seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
      script(request, response, new URL(request.url ?? '/', 'http://server'));
    });
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const started = new ScriptedServer(script);
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
