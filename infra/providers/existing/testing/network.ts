import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** The network between somebody and one server, which can fail. */
interface Network extends AsyncDisposable {
  /** `https://127.0.0.1:PORT` in place of the server's own. */
  readonly url: string;
  /** From now on nothing gets through and nothing is answered, as where a cable is cut: no connection is closed. */
  cut(): void;
}

/** Opens a way to a server of this machine. */
export async function networkTo(server: string): Promise<Network> {
  const { hostname, port } = new URL(server);
  const open = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const listener = createServer((near) => {
    keep(near);
    if (isCut) return;
    const far = connect(Number(port), hostname);
    keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => {
      // What ends behind a cut is not heard of.
      if (!isCut) near.destroy();
    });
    near.pipe(far).pipe(near);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `https://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
      for (const socket of open) {
        socket.unpipe();
        socket.pause();
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
