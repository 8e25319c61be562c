import https from 'node:https';

/** One server that answers as any number of kubelets, one per loopback address. A process of its own, so that its work is not counted. */
interface KubeletsStart {
  readonly cert: string;
  readonly key: string;
  readonly port: number;
}
type KubeletsOrder = { readonly silence: string } | { readonly count: true };

const { cert, key, port } = JSON.parse(process.env['KUBELETS'] ?? '{}') as KubeletsStart;
const silenced = new Set<string>();
let answered = 0;

const server = https.createServer({ cert, key }, (request, response) => {
  answered++;
  if (!silenced.has(request.socket.localAddress ?? '')) response.writeHead(401).end();
});
process.on('message', (order: KubeletsOrder) => {
  if ('silence' in order) silenced.add(order.silence);
  else process.send?.(answered);
});
server.listen(port, '0.0.0.0', () => process.send?.('listening'));
