import { exchangeJson, type Connect, type HttpRequest } from '../../infra/http/http.ts';
import { FiredrillError } from '../core/errors.ts';
import { patient } from '../core/patience.ts';

/** Counts so far of a load that runs. */
export interface LoadCounts {
  readonly requests: number;
  readonly failed: number;
  readonly dropped: number;
}

const ANSWER_WITHIN_MS = patient(2_000);

/** Reads from k6's control port how many requests were made until now. */
export async function readLoadCounts(connect: Connect, signal?: AbortSignal): Promise<LoadCounts> {
  const { data } = (await ask(connect, { path: '/v1/metrics' }, signal)) as {
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
  const json = { data: { type: 'status', id: 'default', attributes: { stopped: true } } };
  await ask(connect, { method: 'PATCH', path: '/v1/status', json }, signal);
}

async function ask(
  connect: Connect,
  order: Pick<HttpRequest, 'method' | 'path' | 'json'>,
  signal?: AbortSignal,
) {
  try {
    return await exchangeJson(connect, { ...order, timeoutMs: ANSWER_WITHIN_MS, signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FiredrillError('load.no-answer', `k6 did not answer ${order.method ?? 'GET'} ${order.path}`, {
      cause,
    });
  }
}
