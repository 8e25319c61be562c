import type { RecordingRule } from '../../slo/slo.ts';

/** What Prometheus and Alertmanager answered and sent. */
export type PrometheusEntry = PromSeries | AlertEvent | AlertRules;

/** What one PromQL range query returned, or why it is no answer. */
interface PromSeries {
  readonly kind: 'promql.series';
  readonly sloId: string;
  readonly query: string;
  readonly startWallMs: number;
  readonly endWallMs: number;
  readonly stepMs: number;
  readonly scrapeIntervalMs: number;
  /** The longest range in the query, in milliseconds, read from the parsed expression, through the recording rules. */
  readonly windowMs: number;
  /** The recording rules of the series that it reads. */
  readonly rules?: readonly RecordingRule[];
  readonly points: readonly (readonly [wallMs: number, value: number | null])[];
  readonly problem?: PromProblem;
}

export type PromProblem = {
  readonly name:
    | 'no-data'
    | 'absent-series'
    | 'stale'
    | 'nan'
    | 'scrape-gap'
    | 'counter-reset'
    | 'several-series'
    | 'target-down'
    | 'prometheus-restarted'
    | 'prometheus-unreachable'
    | 'partial-answer'
    | 'query-error'
    | 'rule-unknown';
  readonly message: string;
  /** The part of the range that it spoils; absent: all of it. */
  readonly fromWallMs?: number;
  readonly toWallMs?: number;
};

export interface AlertEvent {
  readonly kind: 'alert';
  readonly source: 'prometheus' | 'receiver';
  readonly name: string;
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAtWallMs?: number;
}

/**
 * Which alerting rules Prometheus has: told when it is first asked, and whenever they are others. An alert whose rule is not
 * there is silent for ever; one whose rule fails stays as it is, or is gone as if it had resolved.
 */
export interface AlertRules {
  readonly kind: 'alert.rules';
  /** Names, also of those that fail. */
  readonly rules: readonly string[];
  /** Why a rule is not evaluated, by its name. */
  readonly failing: Readonly<Record<string, string>>;
  /** When Prometheus was last seen before: what changed did so since. */
  readonly sinceMonoMs: number;
}
