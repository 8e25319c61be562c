import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probeFamilies } from '../../infra/agents/probe/tally.ts';
import { availability } from '../../scenarios/objectives/storefront-availability.ts';
import type { Entry, SloClaim } from '../core/journal/journal.ts';
import type { RecordingRule } from '../core/slo/slo.ts';
import { judge } from './judge.ts';
import { mapEntries, synthesise, type Story } from './testing/synthetic-trial.ts';

const SAID = /; both clocks are the probe's requests, one witness$/;

/** The reason of a claim that asks this query, which is answered through these rules. */
function reasonOf(query: string, story: Story = {}, rules: RecordingRule[] = []): string {
  const entries: Entry[] = mapEntries(synthesise(story), (entry) => {
    if (entry.kind === 'slo.claim') return { ...entry, query };
    return entry.kind === 'promql.series' ? { ...entry, query, ...(rules.length > 0 && { rules }) } : entry;
  });
  return judge(entries).reason;
}

describe("two clocks that both count the probe's requests", () => {
  const shipped = availability.query.replaceAll('$window', '4s');

  it('are one witness, as the verdict of the shipped objective says, held or violated', () => {
    assert.match(reasonOf(shipped), SAID);
    assert.match(reasonOf(shipped, { outages: [[100, 20_000]] }), SAID);
    const claim: Partial<SloClaim> = { claim: 'hold-while', withinMs: 20_000, stableForMs: 0 };
    assert.match(reasonOf(shipped, { claim, outages: [] }), SAID);
  });

  it('are so through a recording rule, too', () => {
    const rule = { record: 'shop:good:ratio', query: shipped, intervalMs: 1_000 };
    assert.match(reasonOf('shop:good:ratio', {}, [rule]), SAID);
  });

  it('are so with every series of the agent', () => {
    for (const { name } of probeFamilies(new Map()))
      assert.match(reasonOf(`sum(rate(${name}[4s]))`), SAID, name);
  });
});

describe('two witnesses', () => {
  for (const [what, query] of Object.entries({
    "the workload's own counters": 'sum(rate(storefront_requests_total[4s]))',
    'another series beside those of the probe':
      'sum(rate(probe_requests_total[4s])) / sum(rate(asked_total[4s]))',
    "another program's probe": 'min(probe_success)',
  }))
    it(`are the probe and ${what}`, () => assert.doesNotMatch(reasonOf(query), SAID));

  it('are not asked for where one clock judges', () => {
    const claim = { judgedBy: 'probe' } as const;
    assert.doesNotMatch(reasonOf('sum(rate(probe_requests_total[4s]))', { claim }), SAID);
  });

  it('are not asked for where nothing is decided', () => {
    const short = { watchedForMs: 6_000 };
    assert.doesNotMatch(reasonOf('sum(rate(probe_requests_total[4s]))', short), /one witness/);
  });
});
