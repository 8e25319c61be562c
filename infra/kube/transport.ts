import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type tls from 'node:tls';
import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { given } from '../../harness/core/given.ts';
import { throughProxy } from '../http/http-proxy.ts';
import { isKubeError } from './errors.ts';
import { Exchange, KEEP_ALIVE_MS, type KubeAnswer, type KubeRequest, type QueryValue } from './exchange.ts';
import type { KubeTarget } from './target.ts';

export type { KubeAnswer, KubeRequest, QueryValue } from './exchange.ts';

export interface TransportOptions {
  readonly userAgent?: string | undefined;
  /** Sockets for ordinary requests; streams have their own, without a limit. */
  readonly maxSockets?: number | undefined;
  /** Default of each request, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = patient(10_000);
/** What a server is called behind `kubectl proxy`, which tells it its own name. */
const KUBECTL = new URL('http://kubectl');

/** The TLS side of a target, for anything that speaks to it. */
function tlsOptionsOf(target: KubeTarget): tls.ConnectionOptions {
  return {
    ...given({ ca: target.caPem, cert: target.certPem, key: target.keyPem, servername: target.serverName }),
    // Said in every case: where nothing is said, NODE_TLS_REJECT_UNAUTHORIZED of the environment decides, which kubectl does not know.
    rejectUnauthorized: target.skipTlsVerify !== true,
  };
}

/** `?a=1&b=2`, or '' when nothing is asked. */
function queryText(query: Readonly<Record<string, QueryValue>> = {}): string {
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
    this.#server = target.socketPath === undefined ? parseServer(target.server) : KUBECTL;
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
  send<T>(request: KubeRequest): Promise<KubeAnswer<T>> {
    return this.renewing(() => this.#send<T>(request));
  }

  /** Sends and resolves with the answer's headers; the body is the caller's to read and to destroy. */
  open(request: KubeRequest): Promise<http.IncomingMessage> {
    return this.renewing(async () => {
      await this.#target.refresh?.();
      return await this.#exchange(request).headers(
        this.#start(request, this.#streams),
        this.#timeoutMs(request),
      );
    });
  }

  /**
   * Asks once more where kubectl answers that the credentials are refused: it has renewed them by then, and hands the refusal on all the
   * same. What was refused so was not carried out.
   */
  async renewing<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (this.#target.socketPath === undefined || !isKubeError(error) || error.status !== 401) throw error;
      return await ask();
    }
  }

  async #send<T>(request: KubeRequest): Promise<KubeAnswer<T>> {
    await this.#target.refresh?.();
    const exchange = this.#exchange(request);
    try {
      return await exchange.whole<T>(this.#start(request, this.#requests), this.#timeoutMs(request));
    } catch (error) {
      if (isKubeError(error) && error.code === 'kube.timeout') this.#dropIdle();
      // The server may close an idle connection just as it is used again; reading once more is harmless.
      if (request.method !== 'GET' || !exchange.failedOnReusedSocket || request.signal?.aborted === true)
        throw error;
      return await this.#exchange(request).whole<T>(
        this.#start(request, this.#streams),
        this.#timeoutMs(request),
      );
    }
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

  /** For a connection that is upgraded to another protocol. */
  upgradeOptions(): https.RequestOptions {
    return { headers: this.authHeaders(), agent: this.#streams };
  }

  /** Where one connection got no answer, those that wait for use may lead nowhere as well: the next request dials anew. */
  #dropIdle(): void {
    for (const idle of Object.values(this.#requests.freeSockets)) {
      for (const socket of idle ?? []) socket.destroy();
    }
  }

  #exchange(request: KubeRequest): Exchange {
    return new Exchange(request, this.#target.socketPath !== undefined);
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
    const { socketPath, proxy } = this.#target;
    if (socketPath !== undefined)
      return Object.assign(new http.Agent(settings), { createConnection: () => connect(socketPath) });
    const way = {
      ...settings,
      ...throughProxy(proxy),
    };
    if (this.#server.protocol !== 'https:') return new http.Agent(way);
    return new https.Agent({ ...way, ...tlsOptionsOf(this.#target) });
  }
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new FiredrillError('kube.bad-target', `the API server's address is "${server}", not an http(s) URL`);
}
