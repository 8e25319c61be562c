import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A relay to a port of this machine that can be shut: connections stay open, and nothing passes. */
export class TcpRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isShut = false;

  private constructor(toPort: number) {
    this.#server = createServer((inner) => {
      const outer = connect(toPort, '127.0.0.1');
      const pair = [inner, outer] as const;
      this.#pairs.add(pair);
      for (const socket of pair) {
        this.#sockets.add(socket);
        // Either end may break at any time here; the other one is told by the close.
        socket.on('error', () => socket.destroy());
        socket.once('close', () => {
          this.#sockets.delete(socket);
          this.#pairs.delete(pair);
          if (!this.#isShut) for (const each of pair) each.destroy();
        });
      }
      if (!this.#isShut) join(pair);
    });
  }

  static async to(port: number): Promise<TcpRelay> {
    const relay = new TcpRelay(port);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening TCP server has a port');
    return address.port;
  }

  shut(): void {
    this.#isShut = true;
    for (const [inner, outer] of this.#pairs) {
      inner.unpipe(outer).pause();
      outer.unpipe(inner).pause();
    }
  }
  /** The connections of before stay dead, as after a cut that took a machine's state with it; new ones pass. */
  openForNew(): void {
    this.#isShut = false;
  }
  open(): void {
    this.#isShut = false;
    for (const pair of this.#pairs) join(pair);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function join([inner, outer]: readonly [Socket, Socket]): void {
  inner.pipe(outer);
  outer.pipe(inner);
}
