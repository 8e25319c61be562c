import { PRODUCTS } from './products.ts';
import { requestMetrics, type RequestMetrics } from './metrics.ts';
import { send, startService, type RunningService } from './service.ts';

interface CatalogueOptions {
  readonly port: number;
  readonly host?: string;
  readonly drainMs: number;
  readonly graceMs: number;
  readonly onError: (error: unknown) => void;
}

const ROUTES = ['/products', '/products/:id', 'other'] as const;
type Route = (typeof ROUTES)[number];

/** The service behind the shop: `/products` and `/products/ID`, as JSON. */
export async function startCatalogue(options: CatalogueOptions): Promise<RunningService> {
  const metrics: RequestMetrics = requestMetrics('catalogue', ROUTES, [200, 404, 500]);
  return startService({
    ...options,
    metrics: () => metrics.page(),
    handle: (request, response) => {
      const begin = performance.now();
      const { route, status, body } = lookUp(request.url ?? '/');
      response.once('finish', () => metrics.observe(route, status, (performance.now() - begin) / 1000));
      send(response, status, JSON.stringify(body), 'application/json');
      return Promise.resolve();
    },
  });
}

function lookUp(path: string): { readonly route: Route; readonly status: number; readonly body: unknown } {
  if (path === '/products') return { route: '/products', status: 200, body: PRODUCTS };
  const id = /^\/products\/([a-z]+)$/.exec(path)?.[1];
  if (id === undefined) return { route: 'other', status: 404, body: { error: 'no such page' } };
  const product = PRODUCTS.find((candidate) => candidate.id === id);
  return product === undefined
    ? { route: '/products/:id', status: 404, body: { error: 'no such product' } }
    : { route: '/products/:id', status: 200, body: product };
}
