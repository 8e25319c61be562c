import { createServer, type Server } from 'node:http';
import { once } from 'node:events';

/** A container as the fake knows it. */
interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** As much of an engine's API as taking containers away needs, on a socket. */
export class FakeEngine {
  readonly socket: string;
  readonly containers: FakeContainer[] = [];
  readonly #server: Server;

  constructor(socket: string) {
    this.socket = socket;
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://engine');
      const [, id] = /\/containers\/([^/]+)$/.exec(url.pathname) ?? [];
      if (request.method === 'DELETE' && id !== undefined) {
        const index = this.containers.findIndex((one) => one.id === id || one.name === id);
        if (index >= 0) this.containers.splice(index, 1);
        response.writeHead(index >= 0 ? 204 : 404).end();
      } else if (url.pathname.endsWith('/containers/json')) {
        const { label = [] } = JSON.parse(url.searchParams.get('filters') ?? '{}') as { label?: string[] };
        const found = this.containers.filter(({ labels }) =>
          label.every((each) => Object.entries(labels).some(([name, value]) => each === `${name}=${value}`)),
        );
        response.end(
          JSON.stringify(
            found.map(({ id: Id, name, labels }) => ({ Id, Names: [`/${name}`], Labels: labels })),
          ),
        );
      } else if (url.pathname.endsWith('/info')) {
        response.end(JSON.stringify({ ServerVersion: '1', OperatingSystem: 'fake', OSType: 'linux' }));
      } else if (url.pathname.endsWith('/images/create')) {
        // Podman tells of a pull that failed with a status that says well done.
        response.end('{"status":"Trying"}\n{"errorDetail":{},"error":"connection refused"}\n');
      } else if (url.pathname.endsWith('/networks/bridge')) {
        // Asked by who runs in a container itself.
        response.end(JSON.stringify({ IPAM: { Config: [{ Gateway: '127.0.0.1' }] } }));
      } else response.writeHead(404).end('{"message":"not in the fake"}');
    });
  }

  async start(): Promise<void> {
    this.#server.listen(this.socket);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
