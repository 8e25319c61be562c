import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UID } from '../testing/facts.ts';
import {
  abandonedEntries,
  countEntries,
  readEntries,
  withEnded,
  withStarted,
  writeEntries,
  type LedgerEntry,
} from './ledger.ts';

const entry: LedgerEntry = {
  attempt: 'node-1.11111111.1',
  node: 'node-1',
  uid: UID,
  pool: 'worker',
  zone: 'zone-1',
  startedAtMs: 1000,
};
const about = { uid: UID, name: 'node-1', pool: 'worker' };

test('the ledger reads back what was written, and starting twice is starting once', () => {
  const entries = withStarted(withStarted([], entry), { ...entry, startedAtMs: 9000 });
  assert.deepEqual(
    readEntries({
      metadata: { name: 'ledger', uid: 'ledger', resourceVersion: '7' },
      data: writeEntries(entries),
    }),
    [entry],
  );
});

test('an attempt that was noted and never begun keeps its name and costs no budget', () => {
  assert.deepEqual(countEntries([entry], about, 3_600_000, 2000), {
    attemptsOnNode: 0,
    attemptsInPool: 0,
    openAttempt: entry.attempt,
  });
});

test('ended attempts count for node, pool and cool-down, within the window', () => {
  const ended = withEnded([entry], entry.attempt, 5000, 'recovered');
  assert.deepEqual(countEntries(ended, about, 3_600_000, 8000), {
    attemptsOnNode: 1,
    attemptsInPool: 1,
    lastEnded: { attempt: entry.attempt, endedAtMs: 5000 },
  });
  assert.equal(countEntries(ended, about, 3_600_000, 4_000_000).attemptsOnNode, 0);
  assert.equal(
    countEntries(ended, { ...about, pool: 'infra', name: 'b', uid: 'b' }, 3_600_000, 8000).attemptsInPool,
    0,
  );
});

test('the end of an attempt changes neither the open attempt of another node nor one that has ended', () => {
  const foreign = { ...entry, attempt: 'node-2.22222222.1', node: 'node-2', uid: 'other' };
  const earlier = { ...entry, attempt: 'node-1.11111111.0', endedAtMs: 500, outcome: 'cancelled' as const };
  assert.deepEqual(withEnded([entry, foreign, earlier], entry.attempt, 5000, 'recovered'), [
    { ...entry, endedAtMs: 5000, outcome: 'recovered' },
    foreign,
    earlier,
  ]);
  assert.deepEqual(withEnded([earlier], earlier.attempt, 5000, 'recovered'), [earlier]);
});

test('entries of gone nodes end as recovered, unmarked ones as cancelled after a grace', () => {
  const of = (state: 'gone' | 'treated' | 'untreated', wallMs: number): string[] =>
    abandonedEntries([entry], () => state, wallMs, 60_000).map(({ ending }) => ending);
  assert.deepEqual(of('gone', 1001), ['recovered']);
  assert.deepEqual(of('treated', 999_999), []);
  assert.deepEqual(of('untreated', 61_000), []);
  assert.deepEqual(of('untreated', 61_001), ['cancelled']);
});
