import { Agent, request } from 'node:http';

interface CatalogueClientOptions {
  readonly host: string;
  readonly port: number;
  /** For the whole call, both attempts together. */
  readonly deadlineMs: number;
  /** For the first attempt alone, so that the second has time left when the first one's pod fell silent. */
  readonly firstAttemptMs: number;
}

interface CatalogueAnswer {
  readonly status: number;
  readonly body: string;
  readonly attempts: 1 | 2;
}

interface CatalogueClient {
  get(path: string): Promise<CatalogueAnswer>;
  close(): void;
}

/** Below the server's own limit, so that the client is the one who closes an idle connection. */
const IDLE_CONNECTION_MS = 10_000;

/**
 * Calls the catalogue over connections that are kept. When the first attempt fails, or its pod does not answer in
 * time, one retry goes over a connection of its own: a new one is led to another pod than the kept ones, and says
 * nothing about them.
 */
export function catalogueClient(options: CatalogueClientOptions): CatalogueClient {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS, maxFreeSockets: 4 });
  return {
    get: async (path) => {
      const begin = performance.now();
      try {
        return { ...(await attempt(options, path, agent, options.firstAttemptMs)), attempts: 1 };
      } catch (first) {
        const leftMs = options.deadlineMs - (performance.now() - begin);
        try {
          return { ...(await attempt(options, path, false, leftMs)), attempts: 2 };
        } catch (second) {
          throw new AggregateError(
            [first, second],
            `the catalogue did not answer ${path} in ${options.deadlineMs} ms`,
          );
        }
      }
    },
    close: () => agent.destroy(),
  };
}

/** One request; a server error counts as a failure, since another pod may do better. */
function attempt(
  options: CatalogueClientOptions,
  path: string,
  agent: Agent | false,
  limitMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ host: options.host, port: options.port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(limit);
        const status = response.statusCode ?? 0;
        if (status >= 500) reject(new Error(`the catalogue answered ${status}`));
        else resolve({ status, body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    const fail = (error: Error): void => {
      clearTimeout(limit);
      reject(error);
    };
    const limit = setTimeout(
      () => call.destroy(new Error(`no answer within ${Math.round(limitMs)} ms`)),
      limitMs,
    );
    call.on('error', fail);
    call.end();
  });
}
