// A service as a team might bring it: nothing of Firedrill in it, one file, Node's own modules only.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const healthPage = request.url === '/healthz';
  response.setHeader('content-type', 'text/plain');
  response.end(healthPage ? 'ok' : `good day from ${process.env['POD_NAME'] ?? 'nowhere'}\n`);
});
server.listen(Number(process.env['PORT'] ?? 3000), () => {
  const address = server.address();
  process.stdout.write(
    `${JSON.stringify({ event: 'listening', port: typeof address === 'object' ? address?.port : 0 })}\n`,
  );
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
