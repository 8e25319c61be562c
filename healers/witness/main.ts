import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { systemClock } from '../../harness/core/clock.ts';
import { answerView } from './view.ts';
import { lookAt } from './look.ts';

/**
 * A witness in its pod: it looks at nodes for a healer that asks with their common token, from the node that it runs on. It has no right
 * at the API server and changes nothing. FIREDRILL_HEALER_TOKEN_FILE and PORT say what it needs.
 */
function main(): void {
  const file = process.env['FIREDRILL_HEALER_TOKEN_FILE'] ?? '';
  const token = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  const look = lookAt(systemClock);
  const server = http.createServer((request, response) => {
    if (request.url === '/health') {
      response.end('ok\n');
      return;
    }
    answerView(request, response, token, look).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      server.closeAllConnections();
      server.close();
    });
  }
  server.listen(Number(process.env['PORT'] ?? 8080), '::');
}

main();
