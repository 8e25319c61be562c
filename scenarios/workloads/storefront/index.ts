import { manifests, NAMESPACE, WEB_REPLICAS } from './manifests.ts';

/**
 * The system under test that comes with the tool: a shop of two services, as data. Whoever deploys it builds
 * `images`, and gives their references to `manifests` under the same keys.
 */
export const storefront = {
  name: 'storefront',
  images: {
    web: {
      name: 'storefront-web',
      entry: new URL('./web-main.ts', import.meta.url),
      packages: ['prom-client'],
    },
    catalogue: {
      name: 'storefront-catalogue',
      entry: new URL('./catalogue-main.ts', import.meta.url),
      packages: ['prom-client'],
    },
  },
  manifests,
  /** A request as a user sends it, from inside the cluster, and what the answer must be. */
  probe: {
    url: 'http://storefront.storefront.svc.cluster.local/',
    expect: { status: 200, bodyIncludes: 'Storefront' },
  },
  /** The pods whose full number means that capacity is restored. */
  capacity: { namespace: NAMESPACE, selector: 'app=storefront', replicas: WEB_REPLICAS },
} as const;
