import { createServer } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Connect } from '../../../infra/http/http.ts';

/** What a server was asked: the path, and what came with it, as a form or behind the path. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly form: Readonly<Record<string, string>>;
}

/** A server without a socket that answers with JSON, or with a text and its status. */
export function answering(
  answer: (asked: Asked) => unknown,
  statusOf: (asked: Asked) => number = () => 200,
): Connect {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname, search } = new URL(request.url ?? '', 'http://server');
      const form = Object.fromEntries(new URLSearchParams(body === '' ? search : body));
      const asked = { method: request.method ?? '', path: pathname, form };
      const said = answer(asked);
      response.writeHead(statusOf(asked));
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
  });
  return () => {
    const [ours, theirs] = duplexPair();
    server.emit('connection', theirs);
    return Promise.resolve(ours);
  };
}
