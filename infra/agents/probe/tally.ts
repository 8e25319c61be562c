import { Histogram } from '../http/histogram.ts';
import type { MetricFamily, MetricSample } from '../http/exposition.ts';
import type { ProbeGapLine, ProbeSampleLine } from './protocol.ts';

const LATENCY_BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
const LATENESS_BOUNDS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5];

/** Counts of one target for Prometheus. */
export class Tally {
  readonly #outcomes = new Map<string, number>([
    ['ok', 0],
    ['skipped', 0],
  ]);
  readonly #latency = new Histogram(LATENCY_BOUNDS_S);
  readonly #lateness = new Histogram(LATENESS_BOUNDS_S);

  count(line: ProbeSampleLine | ProbeGapLine): void {
    if (line.type === 'gap') {
      this.#add('skipped', line.toSeq - line.fromSeq + 1);
      return;
    }
    this.#add(line.outcome, 1);
    this.#latency.observe(line.latencyMs / 1_000);
    this.#lateness.observe(line.lateMs / 1_000);
  }

  outcomes(target: string): MetricSample[] {
    return [...this.#outcomes].map(([outcome, value]) => ({ labels: { target, outcome }, value }));
  }

  latency(target: string): MetricSample[] {
    return this.#latency.samples({ target });
  }

  lateness(target: string): MetricSample[] {
    return this.#lateness.samples({ target });
  }

  #add(outcome: string, count: number): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
  }
}

/** The agent's own series. */
export function probeFamilies(tallies: ReadonlyMap<string, Tally>): MetricFamily[] {
  const of = (samples: (tally: Tally, target: string) => MetricSample[]): MetricSample[] =>
    [...tallies].flatMap(([target, tally]) => samples(tally, target));
  return [
    {
      name: 'probe_requests_total',
      help: 'Requests of the probe by how they ended; skipped: the agent came too late to send them.',
      type: 'counter',
      samples: of((tally, target) => tally.outcomes(target)),
    },
    {
      name: 'probe_request_duration_seconds',
      help: 'From sending a request to its decision.',
      type: 'histogram',
      samples: of((tally, target) => tally.latency(target)),
    },
    {
      name: 'probe_lateness_seconds',
      help: 'How much later than due requests were sent.',
      type: 'histogram',
      samples: of((tally, target) => tally.lateness(target)),
    },
  ];
}
