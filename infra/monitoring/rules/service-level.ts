/**
 * A service's promise to its users as two expressions. `$range` stands for the range, e.g. `[$range]`; both give one
 * series without labels.
 */
export interface ServiceLevel {
  readonly service: string;
  readonly errors: string;
  readonly total: string;
  /** The good share that is promised over 30 days, e.g. 0.999. */
  readonly objective: number;
}

/** What users see, by the probe; `local` and `skipped` say nothing about the service. */
export const PROBED_SERVICES: ServiceLevel = {
  service: 'probed',
  errors: 'sum(rate(probe_requests_total{outcome!~"ok|local|skipped"}[$range])) or vector(0)',
  total: 'sum(rate(probe_requests_total{outcome!~"local|skipped"}[$range]))',
  objective: 0.999,
};

/** The bad share of all requests over a range such as `5m`. */
export function errorRatio({ errors, total }: ServiceLevel, range: string): string {
  const over = (expression: string): string => expression.replaceAll('$range', range);
  return `(${over(errors)}) / (${over(total)} > 0)`;
}
