import { createServer } from 'node:net';

/**
 * The smallest thing that serves: the same answer to anything, one request per connection. On bare sockets, since
 * most of what Node's HTTP server takes is the time to load it.
 */
const BODY = 'hello\n';
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${BODY.length}\r\nconnection: close\r\n\r\n${BODY}`;

const server = createServer((socket) => {
  // A client that resets its connection is nothing to report.
  socket.on('error', () => socket.destroy());
  socket.setTimeout(5_000, () => socket.destroy());
  let head = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    head = (head + text).slice(-4_096);
    if (head.includes('\r\n\r\n')) socket.end(ANSWER);
  });
});
server.listen(Number(process.env['PORT'] ?? 8080), () => {
  const address = server.address();
  process.stdout.write(
    `${JSON.stringify({ event: 'listening', port: typeof address === 'object' ? address?.port : 0 })}\n`,
  );
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
  });
}
