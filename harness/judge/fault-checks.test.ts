import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../core/given.ts';
import type { EntryOf } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { checkFaults } from './fault-checks.ts';
import { mapEntries, synthesise } from './testing/synthetic-trial.ts';

const NODE = { kind: 'node', name: 'node-2', uid: 'n2' } as const;

/** What is found of a fault that was resolved like this. */
function found(resolved: Partial<EntryOf<'fault.resolved'>>): readonly string[] {
  const entries = mapEntries(synthesise(), (entry) =>
    entry.kind === 'fault.resolved' ? { ...entry, ...resolved } : entry,
  );
  return checkFaults.run(readTrial(entries)).map(({ outcome, reason }) => `${outcome}: ${reason}`);
}

test('a fault that hit one pod of a workload has hit somebody, and one that hit none says of how many', () => {
  assert.deepEqual(found({ podsHit: 1 }), ['held: node.power-off on node-2: no process of node-2 runs']);
  assert.deepEqual(found({ podsHit: 0, podsTotal: 6 }), [
    "inconclusive: node.power-off on node-2 hit none of the workload's 6 pods",
  ]);
  assert.deepEqual(found({ podsHit: 0, podsTotal: 1 }), [
    "inconclusive: node.power-off on node-2 hit none of the workload's 1 pods",
  ]);
  assert.deepEqual(found({ podsHit: 0, podsTotal: 0 }), [
    'inconclusive: node.power-off on node-2 could hit nobody: the workload had no pods',
  ]);
});

test('a fault is told with all that it hit', () => {
  const two = found({ targets: [NODE, { ...NODE, name: 'node-3', uid: 'n3' }] });
  assert.match(two.join(), /power-off on node-2, node-3:/);
});

test('only a fault that took effect has to be undone', () => {
  const unreverted = (...lost: readonly string[]): readonly string[] => {
    const entries = mapEntries(synthesise(), (entry) =>
      lost.includes(entry.kind) ? undefined : given(entry),
    );
    return checkFaults.run(readTrial(entries)).map(({ check, outcome }) => `${check} ${outcome}`);
  };
  assert.deepEqual(unreverted('fault.reverted'), ['fault held', 'revert inconclusive']);
  assert.deepEqual(unreverted('fault.reverted', 'fault.effective'), ['fault inconclusive']);
});
