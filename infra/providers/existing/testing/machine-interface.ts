import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../../../harness/core/clock.ts';
import { HttpMachines } from '../../../machines/client.ts';
import type { Cluster } from '../../../cluster.ts';
import { KubeClient } from '../../../kube/client.ts';
import type { MachineSettings } from '../settings.ts';
import { temporaryDirectory } from '../../../../harness/testing/temporary-directory.ts';

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  namespace: 'firedrill-system',
  name: 'firedrill-machines',
} as const;

/** The machine door of an embedded cluster, as somebody outside of it would have it: an address, a CA and a token. */
export interface MachineInterface extends AsyncDisposable {
  readonly settings: Required<MachineSettings>;
  readonly client: HttpMachines;
  /** For a command line. */
  readonly options: readonly string[];
}

export async function machineInterfaceOf(
  cluster: Pick<Cluster, 'kube' | 'connect'>,
): Promise<MachineInterface> {
  const kube = new KubeClient(cluster.kube, { clock: systemClock });
  const { data = {} } = (await kube.get(SECRET)) as { readonly data?: Readonly<Record<string, string>> };
  kube.close();
  const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString('utf8');
  const inside = new URL(text('url'));
  const open = new Set<Socket>();
  // The door listens in the cluster's own network: this is the way there.
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    cluster.connect(inside.hostname, Number(inside.port)).then(
      (tunnel) => {
        tunnel.on('error', () => socket.destroy());
        tunnel.on('close', () => socket.destroy());
        socket.on('close', () => tunnel.destroy());
        socket.pipe(tunnel).pipe(socket);
      },
      () => socket.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directory = temporaryDirectory('machines');
  const [tokenFile, caFile] = [join(directory, 'token'), join(directory, 'ca.crt')];
  writeFileSync(tokenFile, text('token'), { mode: 0o600 });
  writeFileSync(caFile, text('ca.crt'));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = { url, tokenFile, caFile, urlFromPods: inside.origin };
  const client = new HttpMachines({ url, tokenFile, caFile });
  return {
    settings,
    client,
    options: [
      ...['--machines', url, '--machines-ca', caFile, '--machines-token', tokenFile],
      ...['--machines-from-pods', settings.urlFromPods],
    ],
    [Symbol.asyncDispose]: async () => {
      client.close();
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
