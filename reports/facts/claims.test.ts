import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../../harness/core/given.ts';
import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Outcome, Verdict } from '../../harness/core/verdict.ts';
import { sampleTrial } from '../testing/sample-journal.ts';
import { capacityLimit, claimResults, recoveryLimit } from './claims.ts';

type Told = readonly [claim: string, withinMs: number | undefined, ...outcomes: readonly Outcome[]];

/** A trial with these claims, and what the judge has found of each. */
function judged(...told: readonly Told[]): readonly [Verdict, Entry[]] {
  const { entries, verdict } = sampleTrial({ shape: 'held' });
  const [sample] = entries.filter((entry) => entry.kind === 'slo.claim');
  assert.ok(sample?.kind === 'slo.claim');
  const claims = told.map(
    ([claim, withinMs], index) => given({ ...sample, claimId: `c${index}`, claim, withinMs }) as Entry,
  );
  const findings = told.flatMap(([, , ...outcomes], index) =>
    outcomes.map((outcome) => ({ ...verdict.findings[0]!, claimId: `c${index}`, outcome })),
  );
  return [{ ...verdict, findings }, claims];
}

test('a claim came out as the worst of what was found about it, and is inconclusive where nothing was', () => {
  const all: readonly Outcome[] = ['held', 'inconclusive', 'violated'];
  for (const one of all)
    for (const other of all) {
      const worst = all[Math.max(all.indexOf(one), all.indexOf(other))];
      const [result] = claimResults(...judged(['recover-within', 1, one, other]));
      assert.deepEqual([result?.outcome, result?.findings.length], [worst, 2], `${one}, ${other}`);
    }
  const results = claimResults(...judged(['assertion', undefined], ['assertion', undefined, 'held']));
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['inconclusive', 'held'],
  );
});

test('the strictest limit of each kind counts, and a claim without a limit is none', () => {
  const told = judged(
    ['capacity-within', 4_000, 'held'],
    ['recover-within', undefined, 'violated'],
    ['recover-within', 9_000, 'held'],
    ['recover-within', 5_000, 'violated'],
    ['recover-within', 7_000, 'held'],
    ['capacity-within', 3_000, 'inconclusive'],
    ['stay-silent', 1_000, 'held'],
  );
  const limit = (of: typeof recoveryLimit) => {
    const { withinMs, outcome, claim } = of(...told) ?? {};
    return [withinMs, outcome, claim?.claim];
  };
  assert.deepEqual(limit(recoveryLimit), [5_000, 'violated', 'recover-within']);
  assert.deepEqual(limit(capacityLimit), [3_000, 'inconclusive', 'capacity-within']);
  assert.equal(recoveryLimit(...judged(['capacity-within', 1, 'held'])), undefined);
});
