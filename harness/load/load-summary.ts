import { FiredrillError } from '../core/errors.ts';

/** What the users went through, as k6 counted it. */
export interface LoadSummary {
  readonly requests: number;
  /** Answered with an error, or not in time. */
  readonly failed: number;
  /** Users that should have come but did not, because all of k6's were still waiting: the load was not as asked. */
  readonly dropped: number;
  readonly durationMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const MARK = 'FIREDRILL-LOAD-SUMMARY ';

/** Finds the summary in the log of a load that has ended; throws `load.no-summary` with the end of the log. */
export function parseLoadSummary(podLog: string): LoadSummary {
  const line = podLog.split('\n').findLast((text) => text.startsWith(MARK));
  if (line === undefined) {
    throw new FiredrillError(
      'load.no-summary',
      `k6 ended without a summary; the end of its log: ${podLog.trim().slice(-600)}`,
    );
  }
  const data = JSON.parse(line.slice(MARK.length)) as {
    readonly state: { readonly testRunDurationMs: number };
    readonly metrics: Readonly<
      Record<string, { readonly values: Readonly<Record<string, number>> } | undefined>
    >;
  };
  // A metric that never got a value is not in the summary.
  const value = (metric: string, name: string): number => data.metrics[metric]?.values[name] ?? 0;
  return {
    requests: value('http_reqs', 'count'),
    failed: value('http_req_failed', 'passes'),
    dropped: value('dropped_iterations', 'count'),
    durationMs: data.state.testRunDurationMs,
    medianMs: value('http_req_duration', 'med'),
    p95Ms: value('http_req_duration', 'p(95)'),
    p99Ms: value('http_req_duration', 'p(99)'),
    maxMs: value('http_req_duration', 'max'),
  };
}
