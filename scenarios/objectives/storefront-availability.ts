import type { SloSpec } from '../../harness/index.ts';

/**
 * What the storefront's users get, counted by a client outside of the shop: a dead server counts nothing. That client is
 * the probe, so that a verdict by probe and PromQL has one witness, and says so.
 */
export const availability: SloSpec = {
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[$window])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[$window]))',
  window: '4s',
  bound: { atLeast: 0.99 },
  stableFor: '5s',
  delay: '1s',
};
