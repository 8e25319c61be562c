import http from 'node:http';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { FiredrillError } from '../../harness/core/errors.ts';
import { given } from '../../harness/core/given.ts';
import { unlessAborted } from '../../harness/core/unless-aborted.ts';

/** Opens one connection to a service inside the cluster. */
export type Connect = () => Promise<Duplex>;

export interface HttpRequest {
  readonly method?: string;
  /** The path with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form. */
  readonly form?: URLSearchParams;
  /** Shown as a bearer token. */
  readonly token?: string | undefined;
  /** For the whole answer, or for its headers where the body is a stream. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request on a connection of its own. Rejects when no whole answer came in time. */
export async function exchange(connect: Connect, request: HttpRequest): Promise<HttpAnswer> {
  const limit = anySignal(request.signal, AbortSignal.timeout(request.timeoutMs));
  const response = await openResponse(connect, request, limit);
  return { status: response.statusCode ?? 0, text: await textOf(response) };
}

/** The JSON of a 2xx answer; anything else rejects with `observe.http-status`. */
export async function exchangeJson(connect: Connect, request: HttpRequest): Promise<unknown> {
  const answer = await exchange(connect, request);
  if (answer.status < 200 || answer.status > 299) throw statusError(request, answer);
  return JSON.parse(answer.text) as unknown;
}

interface LineStream {
  readonly status: number;
  /** Parsed JSON lines; ends when the other side ends, rejects when the stream breaks or is silent for too long. */
  readonly lines: AsyncIterable<unknown>;
}

/**
 * A stream of JSON lines. A stream that brings nothing for `silenceLimitMs` is broken, whatever TCP believes
 * (absent: silence is normal). The status decides what the lines are: for 4xx and 5xx the error body.
 */
export async function openLines(
  connect: Connect,
  request: HttpRequest & { readonly silenceLimitMs?: number },
): Promise<LineStream> {
  const headers = AbortSignal.timeout(request.timeoutMs);
  const whole = new AbortController();
  const giveUp = (): void => {
    if (!opened) whole.abort(headers.reason);
  };
  let opened = false;
  headers.addEventListener('abort', giveUp, { once: true });
  const response = await openResponse(connect, request, anySignal(request.signal, whole.signal));
  opened = true;
  return { status: response.statusCode ?? 0, lines: parseLines(response, request.silenceLimitMs) };
}

async function* parseLines(
  response: http.IncomingMessage,
  silenceLimitMs: number | undefined,
): AsyncGenerator {
  let failure: Error | undefined;
  const silence =
    silenceLimitMs === undefined
      ? undefined
      : setTimeout(() => {
          failure = new FiredrillError(
            'observe.silent',
            `the stream brought nothing for ${silenceLimitMs} ms`,
          );
          response.destroy(failure);
        }, silenceLimitMs);
  response.on('error', (error) => (failure ??= error));
  const reader = createInterface({ input: response, crlfDelay: Infinity });
  try {
    for await (const line of reader) {
      silence?.refresh();
      if (line !== '') yield JSON.parse(line) as unknown;
    }
    if (failure !== undefined) throw failure;
    if (!response.complete) throw new FiredrillError('observe.cut', 'the stream ended in the middle');
  } finally {
    clearTimeout(silence);
    reader.close();
    response.destroy();
  }
}

function anySignal(signal: AbortSignal | undefined, limit: AbortSignal): AbortSignal {
  return signal === undefined ? limit : AbortSignal.any([signal, limit]);
}

/** Sends a request and resolves with the headers of its answer, whose body is for the caller to read. */
export async function openResponse(
  connect: Connect,
  request: Omit<HttpRequest, 'timeoutMs' | 'signal'>,
  signal?: AbortSignal,
): Promise<http.IncomingMessage> {
  signal?.throwIfAborted();
  const socket = await connectWithin(connect, signal);
  const body = bodyOf(request);
  const { token } = request;
  const headers = {
    host: 'firedrill',
    ...body?.headers,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const sent = http.request({
      method: request.method ?? 'GET',
      path: request.path,
      headers,
      ...given({ signal }),
      createConnection: () => socket,
    });
    sent.on('response', resolve);
    sent.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
    sent.end(body?.text);
  });
}

/** A connection that comes too late is closed, not leaked. */
async function connectWithin(connect: Connect, signal: AbortSignal | undefined): Promise<Duplex> {
  const connecting = connect();
  try {
    return await unlessAborted(connecting, signal);
  } catch (error) {
    void connecting.then(
      (socket) => socket.destroy(),
      () => undefined,
    );
    throw error;
  }
}

function bodyOf(
  request: Pick<HttpRequest, 'form' | 'json'>,
): { text: string; headers: Record<string, string> } | undefined {
  if (request.form !== undefined) {
    const text = request.form.toString();
    return { text, headers: bodyHeaders('application/x-www-form-urlencoded', text) };
  }
  if (request.json === undefined) return undefined;
  const text = JSON.stringify(request.json);
  return { text, headers: bodyHeaders('application/json', text) };
}

function bodyHeaders(type: string, text: string): Record<string, string> {
  return { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) };
}

function statusError(request: HttpRequest, answer: HttpAnswer): FiredrillError {
  const text = answer.text.slice(0, 300);
  return new FiredrillError(
    'observe.http-status',
    `${request.method ?? 'GET'} ${request.path}: ${answer.status} ${text}`,
  );
}
