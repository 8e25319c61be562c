import { Counter, Histogram, Registry } from 'prom-client';

const LATENCY_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

export interface RequestMetrics {
  /** Counts one answered request. */
  observe(route: string, code: number, seconds: number): void;
  page(): Promise<string>;
}

/**
 * `PREFIX_requests_total{code,route}` and `PREFIX_request_duration_seconds{route}`. Every combination exists from the
 * start with zero: `rate` does not see the first increment of a series that was not there before.
 */
export function requestMetrics(
  prefix: string,
  routes: readonly string[],
  codes: readonly number[],
): RequestMetrics {
  const registry = new Registry();
  const requests = new Counter({
    name: `${prefix}_requests_total`,
    help: 'Requests answered, by status code and route.',
    labelNames: ['code', 'route'],
    registers: [registry],
  });
  const duration = new Histogram({
    name: `${prefix}_request_duration_seconds`,
    help: 'Time from the request to the end of its answer, by route.',
    labelNames: ['route'],
    buckets: LATENCY_BUCKETS_SECONDS,
    registers: [registry],
  });
  for (const route of routes) {
    duration.zero({ route });
    for (const code of codes) requests.inc({ code, route }, 0);
  }
  return {
    observe: (route, code, seconds) => {
      requests.inc({ code, route });
      duration.observe({ route }, seconds);
    },
    page: () => registry.metrics(),
  };
}
