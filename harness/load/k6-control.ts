import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { FiredrillError } from '../core/errors.ts';

/** Counts so far of a load that runs. */
export interface LoadCounts {
  readonly requests: number;
  readonly failed: number;
  readonly dropped: number;
}

/** Opens a connection to k6's control port. */
export type Connect = () => Promise<Duplex>;

const ANSWER_WITHIN_MS = 2_000;

/** Reads how many requests were made until now. */
export async function readLoadCounts(connect: Connect, signal?: AbortSignal): Promise<LoadCounts> {
  const { data } = (await exchange(connect, 'GET', '/v1/metrics', undefined, signal)) as {
    readonly data: readonly {
      readonly id: string;
      readonly attributes: { readonly sample: Readonly<Record<string, number>> };
    }[];
  };
  const sample = (id: string): Readonly<Record<string, number>> =>
    data.find((metric) => metric.id === id)?.attributes.sample ?? {};
  const requests = sample('http_reqs')['count'] ?? 0;
  return {
    requests,
    // Here k6 gives only the share, from whole numbers.
    failed: Math.round((sample('http_req_failed')['rate'] ?? 0) * requests),
    dropped: sample('dropped_iterations')['count'] ?? 0,
  };
}

/** Tells k6 to stop; users under way are cut off and not counted, then it prints its summary and ends. */
export async function orderStop(connect: Connect, signal?: AbortSignal): Promise<void> {
  const order = { data: { type: 'status', id: 'default', attributes: { stopped: true } } };
  await exchange(connect, 'PATCH', '/v1/status', order, signal);
}

async function exchange(
  connect: Connect,
  method: string,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const until = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  let connection: Duplex | undefined;
  try {
    const opened = await connectUntil(connect, until);
    connection = opened;
    return await new Promise((resolve, reject) => {
      const call = request(
        {
          method,
          path,
          host: 'k6',
          createConnection: () => opened,
          headers: { connection: 'close', 'content-type': 'application/json' },
          signal: until,
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(`status ${response.statusCode ?? 0}: ${text.slice(0, 300)}`));
          });
        },
      );
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FiredrillError('load.no-answer', `k6 did not answer ${method} ${path}`, { cause });
  } finally {
    connection?.destroy();
  }
}

/** A pod that has just ended answers no connection at all; one that is opened too late is closed. */
async function connectUntil(connect: Connect, until: AbortSignal): Promise<Duplex> {
  until.throwIfAborted();
  const opening = connect();
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(until.reason as Error);
      void opening.then(
        (late) => late.destroy(),
        () => undefined,
      );
    };
    until.addEventListener('abort', giveUp, { once: true });
    opening.then(resolve, reject).finally(() => until.removeEventListener('abort', giveUp));
  });
}
