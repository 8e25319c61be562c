import { entriesOf } from '../core/journal/journal.ts';
import type { TrialFacts } from '../core/recovery/trial-facts.ts';
import { readPromql } from '../core/slo/promql.ts';
import type { Claim } from './check.ts';

/** The probe agent's own series (`infra/agents/probe/tally.ts`); other programs have some that begin with `probe_`, too. */
const OF_PROBE = /^probe_(requests_total|(request_duration|lateness)_seconds(_bucket|_sum|_count)?)$/;

/**
 * Said of a claim that two clocks have decided whose query counts the very requests of the probe, by itself or through
 * recording rules: that they agree shows that both count rightly, and not that the probe is right.
 */
export function saysOneWitness(facts: TrialFacts, claim: Claim): string {
  if (claim.query === '' || (claim.judgedBy ?? 'probe-and-promql') !== 'probe-and-promql') return '';
  const rules = entriesOf(facts.entries, 'promql.series')
    .filter(({ query, sloId }) => query === claim.query && sloId === claim.sloId)
    .flatMap((series) => series.rules ?? []);
  const metrics = [claim.query, ...rules.map(({ query }) => query)]
    .flatMap((query) => readPromql(query).metrics)
    .filter((metric) => !rules.some(({ record }) => record === metric));
  const isOne = metrics.length > 0 && metrics.every((metric) => OF_PROBE.test(metric));
  return isOne ? "; both clocks are the probe's requests, one witness" : '';
}
