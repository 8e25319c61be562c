import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { carriesToken } from '../../http/authorization.ts';
import { readJson, sendJson } from '../../http/http-json.ts';
import { EXPOSITION_CONTENT_TYPE } from './exposition.ts';
import { EVERY_ADDRESS } from './listen-options.ts';

/** A request as a route sees it. */
export interface RouteRequest {
  readonly url: URL;
  /** What the path's `:name` parts matched, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The body as JSON; throws when it is none or larger than 1 MiB. */
  readonly json: () => Promise<unknown>;
  readonly response: ServerResponse;
}

/** What a route answers; `undefined` when it has taken over the response (a stream). */
export type RouteAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  | undefined;

/** Path patterns such as `POST /targets` or `DELETE /targets/:name`. */
export type Routes = Readonly<Record<string, (request: RouteRequest) => RouteAnswer | Promise<RouteAnswer>>>;

interface ServiceOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What it does for others, and the token that they have to show for it; absent: it shows itself, and does nothing for anybody. */
  readonly guarded?: { readonly routes: Routes; readonly token: string };
  /** Why the service is not ready, or nothing when it is. */
  readonly notReady?: () => string | undefined;
  /** The text of /metrics. */
  readonly metrics: () => string;
  /** The status for an error of ours; anything else is 500. */
  readonly statusOf?: (error: FiredrillError) => number | undefined;
}

export interface RunningService {
  readonly host: string;
  readonly port: number;
  /** The patterns for which the token is asked. */
  readonly guarded: readonly string[];
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/**
 * Serves /health (the process answers), /ready and /startup (it does its work) and /metrics to everybody, and what is guarded to
 * whoever shows the token: an agent listens where every pod of the cluster reaches it.
 * Rejects when the address cannot be bound.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { routes, token } = options.guarded ?? { routes: {}, token: '' };
  const table = [...tableOf(standardRoutes(options), false), ...tableOf(routes, true)];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://agent');
    const parts = url.pathname.split('/');
    const matches = table.flatMap((route) => {
      const params = matchPath(route.parts, parts);
      return params === undefined ? [] : [{ route, params }];
    });
    const match = matches.find(({ route }) => route.method === request.method);
    if (match === undefined) {
      const status = matches.length === 0 ? 404 : 405;
      sendJson(response, status, {
        code: 'agent.no-such-route',
        message: `no ${request.method ?? ''} ${url.pathname}`,
      });
      return;
    }
    if (match.route.isGuarded && !carriesToken(request.headers.authorization, token)) {
      response.setHeader('www-authenticate', 'Bearer');
      sendJson(response, 401, { code: 'agent.unauthorized', message: 'the token is missing or wrong' });
      return;
    }
    const result = await match.route.answer({
      url,
      params: match.params,
      json: () => readJson(request),
      response,
    });
    if (result === undefined) return;
    if ('text' in result) {
      response.writeHead(result.status, { 'content-type': result.contentType }).end(result.text);
    } else {
      sendJson(response, result.status, result.body);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const status =
        error instanceof FiredrillError ? (options.statusOf?.(error) ?? badInputStatus(error)) : 500;
      const code = error instanceof FiredrillError ? error.code : 'agent.internal';
      sendJson(response, status, { code, message: messageOf(error) });
    });
  });
  server.listen({ port: options.port, ...(options.host === EVERY_ADDRESS ? {} : { host: options.host }) });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: options.host,
    port,
    guarded: Object.keys(routes),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function tableOf(routes: Routes, isGuarded: boolean) {
  return Object.entries(routes).map(([pattern, answer]) => {
    const [method = '', path = ''] = pattern.split(' ');
    return { method, parts: path.split('/'), answer, isGuarded };
  });
}

function standardRoutes({ notReady, metrics }: Pick<ServiceOptions, 'notReady' | 'metrics'>): Routes {
  const readiness = (): RouteAnswer => {
    const reason = notReady?.();
    return reason === undefined
      ? { status: 200, body: { ready: true } }
      : { status: 503, body: { code: 'agent.not-ready', message: reason } };
  };
  return {
    'GET /health': () => ({ status: 200, body: { alive: true } }),
    'GET /ready': readiness,
    'GET /startup': readiness,
    'GET /metrics': () => ({
      status: 200,
      text: metrics(),
      contentType: EXPOSITION_CONTENT_TYPE,
    }),
  };
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (expected.startsWith(':')) {
      if (part === '') return undefined;
      params[expected.slice(1)] = decodeURIComponent(part);
    } else if (expected !== part) return undefined;
  }
  return params;
}

function badInputStatus(error: FiredrillError): number {
  return error.userError ? 400 : 500;
}
