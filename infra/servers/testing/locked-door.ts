import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

interface LockedDoor extends AsyncDisposable {
  /** Host and port. */
  readonly address: string;
}

/** A door before an HTTP server that lets nobody in but who brings these words as user and password, `USER:PASSWORD`. */
export async function lockedDoor(url: string, words: string): Promise<LockedDoor> {
  const key = `Basic ${Buffer.from(words).toString('base64')}`;
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== key) {
      answer.writeHead(401, { 'www-authenticate': 'Basic realm="drill"' }).end();
      return;
    }
    const { method, headers } = asked;
    const inner = request(new URL(asked.url ?? '/', url), { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    inner.on('error', (error) => answer.destroy(error));
    asked.pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
