import https from 'node:https';
import net from 'node:net';

/** One server that answers as any number of kubelets, one per loopback address. A process of its own, so that its work is not counted. */
interface KubeletsStart {
  readonly cert: string;
  readonly key: string;
  readonly port: number;
}

const { cert, key, port } = JSON.parse(process.env['KUBELETS'] ?? '{}') as KubeletsStart;
const silenced = new Set<string>();
const server = https.createServer({ cert, key }, (request, response) => {
  if (!silenced.has(request.socket.localAddress ?? '')) response.writeHead(401).end();
});
server.keepAliveTimeout = 60_000;
/** The kernel of a node that is lost goes on accepting, as one that hangs does, and nobody answers. */
const door = net.createServer((socket) => {
  if (silenced.has(socket.localAddress ?? '')) socket.on('error', () => undefined).resume();
  else server.emit('connection', socket);
});
process.on('message', (addresses: readonly string[]) => {
  for (const address of addresses) silenced.add(address);
});
door.listen({ port, host: '0.0.0.0', backlog: 4096 }, () => process.send?.('listening'));
