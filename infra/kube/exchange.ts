import type http from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { messageOf } from '../../harness/core/errors.ts';
import { KubeError, refusal } from './errors.ts';
import type { Status } from './objects.ts';

export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Without the query, e.g. `/api/v1/nodes`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the whole answer, or for its headers where the body is a stream. */
  readonly timeoutMs?: number | undefined;
}

export interface KubeAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** How long a connection may be silent before the kernel asks the other machine once a second whether it is there. */
export const KEEP_ALIVE_MS = 5_000;

/** One request and what became of it. */
export class Exchange {
  readonly #request: KubeRequest;
  readonly #isThroughKubectl: boolean;
  #sent = false;
  #timedOut = false;
  failedOnReusedSocket = false;

  constructor(request: KubeRequest, isThroughKubectl = false) {
    this.#request = request;
    this.#isThroughKubectl = isThroughKubectl;
  }

  async whole<T>(started: http.ClientRequest, timeoutMs: number): Promise<KubeAnswer<T>> {
    return await this.#guarded(started, timeoutMs, async () => {
      const response = await this.#response(started);
      const text = await textOf(response);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw this.#refusal(response, text);
      const json = response.headers['content-type']?.includes('json') === true;
      if (!json && this.#request.accept === undefined) throw this.#foreign(response, text);
      return { status, body: (json ? JSON.parse(text) : text) as T };
    });
  }

  async headers(started: http.ClientRequest, timeoutMs: number): Promise<http.IncomingMessage> {
    return await this.#guarded(started, timeoutMs, async () => {
      const response = await this.#response(started);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw this.#refusal(response, await textOf(response));
      return response;
    });
  }

  async #guarded<T>(started: http.ClientRequest, timeoutMs: number, read: () => Promise<T>): Promise<T> {
    const { signal, method, path } = this.#request;
    const abort = () => started.destroy(new Error('aborted'));
    const timer = setTimeout(() => {
      this.#timedOut = true;
      started.destroy(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      if (signal?.aborted === true) abort();
      return await read();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof KubeError) throw error;
      this.failedOnReusedSocket = started.reusedSocket && !this.#timedOut;
      const why = this.#timedOut ? `no answer within ${timeoutMs} ms` : messageOf(error);
      throw new KubeError(this.#timedOut ? 'kube.timeout' : 'kube.unreachable', `${method} ${path}: ${why}`, {
        status: 0,
        reason: '',
        maybeApplied: this.#sent && method !== 'GET',
        cause: error,
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  #response(started: http.ClientRequest): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      started.once('finish', () => (this.#sent = true));
      started.once('response', resolve);
      started.on('error', reject);
      started.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    });
  }

  /** Who answers a question for objects with a page, or sends us elsewhere, is no API server: a login in front of it, for instance. */
  #foreign({ statusCode = 0, headers }: http.IncomingMessage, text: string): KubeError {
    const { method, path } = this.#request;
    const said =
      headers.location === undefined ? text.trim().slice(0, 200) : `it sends us to ${headers.location}`;
    return new KubeError('kube.foreign-answer', `${method} ${path}: ${statusCode} and no JSON: ${said}`, {
      ...{ status: 0, reason: '', maybeApplied: method !== 'GET' },
    });
  }

  #refusal(response: http.IncomingMessage, text: string): KubeError {
    const { method, path } = this.#request;
    const status = response.statusCode ?? 0;
    if (status < 400) return this.#foreign(response, text);
    // kubectl answers in place of a server that it does not reach; an API server puts an ID on each of its answers.
    if (this.#isThroughKubectl && status >= 500 && response.headers['audit-id'] === undefined)
      return new KubeError('kube.unreachable', `${method} ${path}: ${text.trim()}`, {
        ...{ status: 0, reason: '', maybeApplied: method !== 'GET' },
      });
    const retryAfter = Number(response.headers['retry-after']);
    return refusal(
      method,
      path,
      status,
      parseStatus(text),
      Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
    );
  }
}

function parseStatus(text: string): Status | string {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : text;
  } catch {
    // A proxy in between answers with plain text or HTML: that text is the message then.
    return text;
  }
}
