// Started by host-listener.ts inside the host's network namespace: opens one listening socket on loopback and hands it
// to the parent, which lives in the hub's namespace and could not open it there.
import { createServer, type AddressInfo } from 'node:net';

const server = createServer();
server.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? '0') }, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port }, server, {}, () => {
    process.disconnect();
    process.exit(0);
  });
});
server.on('error', (error) => {
  process.send?.({ error: error.message }, () => process.exit(1));
});
