import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { Duplex } from 'node:stream';
import { FiredrillError } from '../../harness/core/errors.ts';
import { KubeError, refusal } from './errors.ts';
import type { Status } from './objects.ts';
import type { KubeTarget } from './target.ts';

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

export interface TransportOptions {
  readonly userAgent?: string | undefined;
  /** Sockets for ordinary requests; streams have their own, without a limit. */
  readonly maxSockets?: number | undefined;
  /** Default of each request, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Opens the raw connection, below TLS, e.g. through a tunnel into the cluster's network. */
  readonly createConnection?: (() => Duplex) | undefined;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** After this silence the kernel asks the other machine once a second whether it is there. */
const KEEP_ALIVE_MS = 5_000;

/** The TLS side of a target, for anything that speaks to it. */
export function tlsOptionsOf(target: KubeTarget): tls.ConnectionOptions {
  return {
    ...(target.caPem === undefined ? {} : { ca: target.caPem }),
    ...(target.certPem === undefined ? {} : { cert: target.certPem }),
    ...(target.keyPem === undefined ? {} : { key: target.keyPem }),
    ...(target.serverName === undefined ? {} : { servername: target.serverName }),
    ...(target.skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/** `?a=1&b=2`, or '' when nothing is asked. */
export function queryText(query: Readonly<Record<string, QueryValue>> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value])
      search.append(name, String(each));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

/** HTTP to one API server: connections kept alive, a deadline for each request, errors with their facts. */
export class Transport {
  readonly #target: KubeTarget;
  readonly #server: URL;
  readonly #options: TransportOptions;
  readonly #requests: http.Agent;
  readonly #streams: http.Agent;

  constructor(target: KubeTarget, options: TransportOptions) {
    this.#target = target;
    this.#server = parseServer(target.server);
    this.#options = options;
    this.#requests = this.#agent({
      keepAlive: true,
      keepAliveMsecs: KEEP_ALIVE_MS,
      maxSockets: options.maxSockets ?? 32,
    });
    // A watch holds its connection for minutes: it must not use up the sockets of the requests.
    this.#streams = this.#agent({ keepAlive: false });
  }

  /** Sends and reads the whole answer. Rejects with a KubeError, or with the signal's reason. */
  async send<T>(request: KubeRequest): Promise<KubeAnswer<T>> {
    await this.#target.refresh?.();
    const exchange = new Exchange(request);
    try {
      return await exchange.whole<T>(this.#start(request, this.#requests), this.#timeoutMs(request));
    } catch (error) {
      // The server may close an idle connection just as it is used again; reading once more is harmless.
      if (request.method !== 'GET' || !exchange.failedOnReusedSocket || request.signal?.aborted === true)
        throw error;
      return await new Exchange(request).whole<T>(
        this.#start(request, this.#streams),
        this.#timeoutMs(request),
      );
    }
  }

  /** Sends and resolves with the answer's headers; the body is the caller's to read and to destroy. */
  async open(request: KubeRequest): Promise<http.IncomingMessage> {
    await this.#target.refresh?.();
    return await new Exchange(request).headers(this.#start(request, this.#streams), this.#timeoutMs(request));
  }

  /** Closes every connection; requests under way fail. */
  close(): void {
    this.#requests.destroy();
    this.#streams.destroy();
  }

  /** The headers that prove who we are. */
  authHeaders(): Record<string, string> {
    const token = this.#target.token?.();
    return {
      'user-agent': this.#options.userAgent ?? 'firedrill',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** The address of a path on this server, with the query. */
  urlOf(path: string, query?: Readonly<Record<string, QueryValue>>): URL {
    return new URL(`${this.#server.pathname.replace(/\/$/, '')}${path}${queryText(query)}`, this.#server);
  }

  /** For a connection that is upgraded to another protocol, and so is no agent's. */
  upgradeOptions(): https.RequestOptions {
    const open = this.#options.createConnection;
    const tlsOptions = this.#server.protocol === 'https:' ? tlsOptionsOf(this.#target) : undefined;
    const connect = (): Duplex => {
      const raw = open?.() as Duplex;
      return tlsOptions === undefined ? raw : tls.connect({ ...tlsOptions, socket: raw });
    };
    return {
      headers: this.authHeaders(),
      ...tlsOptions,
      ...(open === undefined ? {} : { createConnection: connect }),
    };
  }

  #timeoutMs(request: KubeRequest): number {
    return request.timeoutMs ?? this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  }

  #start(request: KubeRequest, agent: http.Agent): http.ClientRequest {
    const { body } = request;
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const headers: http.OutgoingHttpHeaders = {
      ...this.authHeaders(),
      accept: request.accept ?? 'application/json',
    };
    if (payload !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json';
      headers['content-length'] = Buffer.byteLength(payload);
    }
    const module = this.#server.protocol === 'https:' ? https : http;
    const started = module.request(this.urlOf(request.path, request.query), {
      method: request.method,
      agent,
      headers,
    });
    started.end(payload);
    return started;
  }

  #agent(settings: http.AgentOptions): http.Agent {
    const open = this.#options.createConnection;
    if (this.#server.protocol !== 'https:') {
      const agent = new http.Agent(settings);
      if (open !== undefined) agent.createConnection = () => open();
      return agent;
    }
    const agent = new https.Agent({ ...settings, ...tlsOptionsOf(this.#target) });
    if (open !== undefined) {
      agent.createConnection = (options) =>
        tls.connect({ ...(options as tls.ConnectionOptions), socket: open() });
    }
    return agent;
  }
}

/** One request and what became of it. */
class Exchange {
  readonly #request: KubeRequest;
  #sent = false;
  #timedOut = false;
  failedOnReusedSocket = false;

  constructor(request: KubeRequest) {
    this.#request = request;
  }

  async whole<T>(started: http.ClientRequest, timeoutMs: number): Promise<KubeAnswer<T>> {
    return await this.#guarded(started, timeoutMs, async () => {
      const response = await this.#response(started);
      const text = await readAll(response);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw this.#refusal(response, text);
      const json = response.headers['content-type']?.includes('json') === true;
      return { status, body: (json ? JSON.parse(text) : text) as T };
    });
  }

  async headers(started: http.ClientRequest, timeoutMs: number): Promise<http.IncomingMessage> {
    return await this.#guarded(started, timeoutMs, async () => {
      const response = await this.#response(started);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw this.#refusal(response, await readAll(response));
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
      const why = this.#timedOut ? `no answer within ${timeoutMs} ms` : reasonOf(error);
      throw new KubeError(this.#timedOut ? 'kube.timeout' : 'kube.unreachable', `${method} ${path}: ${why}`, {
        status: 0,
        reason: '',
        verb: method,
        path,
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

  #refusal(response: http.IncomingMessage, text: string): KubeError {
    const retryAfter = Number(response.headers['retry-after']);
    return refusal(
      this.#request.method,
      this.#request.path,
      response.statusCode ?? 0,
      parseStatus(text),
      Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
    );
  }
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new FiredrillError('kube.bad-target', `the API server's address is "${server}", not an http(s) URL`, {
    userError: true,
  });
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
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

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
