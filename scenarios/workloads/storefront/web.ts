import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogueClient } from './catalogue-client.ts';
import { requestMetrics } from './metrics.ts';
import type { Product } from './products.ts';
import { send, startService, type RunningService } from './service.ts';

interface WebOptions {
  readonly port: number;
  readonly host?: string;
  readonly catalogue: { readonly host: string; readonly port: number };
  readonly drainMs: number;
  readonly graceMs: number;
  readonly onError: (error: unknown) => void;
}

const CATALOGUE_DEADLINE_MS = 1_000;
const CATALOGUE_FIRST_ATTEMPT_MS = 400;

/** The code under which a request counts whose user left before it was answered. */
const ABANDONED = 504;

const ROUTES = ['/', '/products/:id', 'other'] as const;

/**
 * The shop as users see it: `/` lists the products, `/products/ID` shows one; both ask the catalogue. Its readiness
 * does not: when the catalogue is gone, withdrawing every shop pod as well would help nobody.
 */
export async function startWeb(options: WebOptions): Promise<RunningService> {
  const metrics = requestMetrics('storefront', ROUTES, [200, 404, 500, 503, ABANDONED]);
  const catalogue = catalogueClient({
    ...options.catalogue,
    deadlineMs: CATALOGUE_DEADLINE_MS,
    firstAttemptMs: CATALOGUE_FIRST_ATTEMPT_MS,
  });

  const show = async (
    response: ServerResponse,
    path: string,
    render: (body: string) => string,
  ): Promise<void> => {
    const answer = await catalogue.get(path).catch((error: unknown) => {
      options.onError(error);
      return undefined;
    });
    if (answer === undefined) send(response, 503, page('Sold out of answers', ''), 'text/html');
    else if (answer.status !== 200) send(response, 404, page('Not found', ''), 'text/html');
    else send(response, 200, render(answer.body), 'text/html');
  };

  return startService({
    ...options,
    metrics: () => metrics.page(),
    handle: async (request: IncomingMessage, response) => {
      const begin = performance.now();
      const url = request.url ?? '/';
      const id = /^\/products\/([a-z]+)$/.exec(url)?.[1];
      const route = url === '/' ? '/' : id === undefined ? 'other' : '/products/:id';
      // `close` and not `finish`: a user who gave up before the answer was let down, whatever was about to be sent.
      response.once('close', () => {
        const code = response.writableFinished ? response.statusCode : ABANDONED;
        metrics.observe(route, code, (performance.now() - begin) / 1000);
      });
      if (url === '/') await show(response, '/products', renderList);
      else if (id !== undefined) await show(response, `/products/${id}`, renderOne);
      else send(response, 404, page('Not found', ''), 'text/html');
    },
  });
}

function renderList(body: string): string {
  const products = JSON.parse(body) as readonly Product[];
  const items = products.map(
    ({ id, name, cents }) => `<li><a href="/products/${id}">${name}</a> ${price(cents)}</li>`,
  );
  return page('Storefront', `<ul>${items.join('')}</ul>`);
}

function renderOne(body: string): string {
  const { name, cents } = JSON.parse(body) as Product;
  return page(name, `<p>${price(cents)}</p>`);
}

function price(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`;
}

function page(title: string, body: string): string {
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${body}\n`;
}
