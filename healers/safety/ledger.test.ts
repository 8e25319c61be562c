import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UID } from '../testing/facts.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import {
  abandonedEntries,
  countEntries,
  readEntries,
  withEnded,
  withStarted,
  writeEntries,
  type LedgerEntry,
} from './ledger.ts';
import { LedgerAges } from './ledger-ages.ts';

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
  assert.deepEqual(countEntries([entry], about, 3_600_000), {
    attemptsOnNode: 0,
    attemptsInPool: 0,
    openAttempt: entry.attempt,
  });
});

test('ended attempts count for node, pool and cool-down, within the window', () => {
  const ended = (agedMs: number) =>
    withEnded([{ ...entry, agedMs, endedForMs: 3000 }], entry.attempt, 5000, 'recovered');
  assert.deepEqual(countEntries(ended(3_599_999), about, 3_600_000), {
    attemptsOnNode: 1,
    attemptsInPool: 1,
    endedAgoMs: 3000,
  });
  assert.equal(countEntries(ended(3_600_000), about, 3_600_000).attemptsOnNode, 0);
  const elsewhere = { ...about, pool: 'infra', name: 'b', uid: 'b' };
  assert.equal(countEntries(ended(7000), elsewhere, 3_600_000).attemptsInPool, 0);
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
  const of = (state: 'gone' | 'treated' | 'untreated', agedMs: number): string[] =>
    abandonedEntries([{ ...entry, agedMs }], () => state).map(({ ending }) => ending);
  assert.deepEqual(of('gone', 1), ['recovered']);
  assert.deepEqual(of('treated', 999_999), []);
  assert.deepEqual(of('untreated', 60_000), []);
  assert.deepEqual(of('untreated', 60_001), ['cancelled']);
});

const HOUR_MS = 3_600_000;

/** A process that watches the ledger: its entries as old as it takes them for after so long a watch, and whether they count. */
async function watched(entries: readonly LedgerEntry[], ...forMs: readonly number[]) {
  const clock = new SimClock();
  const ages = new LedgerAges(clock);
  let now = ages.of(entries);
  for (const each of forMs) {
    await clock.runUntil(clock.now().monoMs + each);
    now = ages.of(entries);
  }
  return { entries: now, counted: countEntries(now, about, HOUR_MS).attemptsOnNode };
}

const ended = { ...entry, endedAtMs: 5000, outcome: 'recovered' } as const;

test('a budget comes back when healers have watched for the whole window, whatever their wall clocks say', async () => {
  for (const startedAtMs of [-9 * HOUR_MS, 0, 9 * HOUR_MS]) {
    const other = { ...ended, startedAtMs, endedAtMs: startedAtMs };
    assert.equal((await watched([other], HOUR_MS - 1)).counted, 1);
    assert.equal((await watched([other], 600_000, HOUR_MS - 600_000)).counted, 0);
  }
});

test('a new leader goes on from the age that was written down: neither does its coming give a budget back, nor does a time without healers', async () => {
  const before = await watched([ended], HOUR_MS / 2);
  assert.equal((await watched(before.entries)).counted, 1);
  assert.equal((await watched(before.entries, HOUR_MS / 2 - 1)).counted, 1);
  assert.equal((await watched(before.entries, HOUR_MS / 2)).counted, 0);
});

test('an end that another process has seen for long is as old for a new one, and one that it sees first is new', async () => {
  const ago = async (entries: readonly LedgerEntry[]) =>
    countEntries((await watched(entries)).entries, about, HOUR_MS).endedAgoMs;
  assert.equal(await ago([ended]), 0);
  assert.equal(await ago((await watched([ended], 9000)).entries), 9000);
});

test('an entry that is written anew, and one that another process has watched for less, grow no younger', async () => {
  const clock = new SimClock();
  const ages = new LedgerAges(clock);
  ages.of([ended]);
  await clock.runUntil(7000);
  assert.deepEqual(ages.of([{ ...ended, agedMs: 10, endedForMs: 10 }]), [
    { ...ended, agedMs: 7000, endedForMs: 7000 },
  ]);
});
