import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import type { PartUnit } from './parts.ts';
import { Records, type UnitOutcome } from './records.ts';
import { runSlice, SLICE_MS, type SliceEnd, sliceOf, type SliceRun } from './slice.ts';

let files = 0;
const newFile = (): string => join(temporaryDirectory('slice'), `${++files}.jsonl`);

/** A unit that notes when it runs; a result may be thrown instead. */
function unit(name: string, begun: string[], outcome: UnitOutcome | Error, facts = {}): PartUnit {
  return {
    ...{ part: 'p', unit: name, guessMs: 60_000 },
    run: () => {
      begun.push(name);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    ...facts,
  };
}

const PASSED: UnitOutcome = { result: 'passed' };

function slice(file: string, units: readonly PartUnit[], facts: Partial<SliceRun> = {}): Promise<SliceEnd> {
  const { signal } = new AbortController();
  return runSlice({
    ...{ units, signal, records: new Records(file, 'c1'), absent: new Set<string>() },
    ...{ isUnchanged: () => true, write: () => undefined, ...facts },
  });
}

test('all slices together are all units, each once; a slice is K/N with K from 1 to N', () => {
  const units = Array.from({ length: 11 }, (_, index) => index);
  const slices = ['1/3', '2/3', '3/3'].map((text) => sliceOf(units, text) ?? []);
  assert.deepEqual(
    slices.map(({ length }) => length),
    [4, 4, 3],
  );
  assert.deepEqual(
    slices.flat().toSorted((a, b) => a - b),
    units,
  );
  for (const wrong of ['0/3', '4/3', '2', '2/0', '-1/2', '1.5/2', ''])
    assert.equal(sliceOf(units, wrong), undefined);
});

test('a slice that is started again goes on where it ended, and does not try again what failed', async () => {
  const file = newFile();
  const begun: string[] = [];
  const units = [
    unit('a', begun, { result: 'passed', figures: { users: [2] } }, { seed: 7 }),
    unit('b', begun, new Error('no figure')),
    unit('c', begun, PASSED),
  ];
  const abort = new AbortController();
  const stopping = { ...units[2]!, run: () => (abort.abort(), Promise.resolve(PASSED)) };
  const first = await slice(file, [units[0]!, units[1]!, stopping], { signal: abort.signal });
  assert.deepEqual(first, { passed: 1, failed: 1, left: ['p, c: interrupted after 0 s'] });
  const second = await slice(file, units);
  assert.deepEqual(second, { passed: 2, failed: 1, left: [] });
  assert.deepEqual(begun, ['a', 'b', 'c']);
  const { seconds, endedAt, ...record } = new Records(file, 'c1').doneOf(units[0]!)!;
  assert.ok(seconds < 1 && Date.parse(endedAt) <= Date.now());
  assert.deepEqual(record, {
    ...{ commit: 'c1', part: 'p', unit: 'a', seed: 7, result: 'passed', figures: { users: [2] } },
  });
});

test('on another commit everything runs again', async () => {
  const file = newFile();
  const begun: string[] = [];
  await slice(file, [unit('a', begun, PASSED)]);
  await slice(file, [unit('a', begun, PASSED)], { records: new Records(file, 'c2') });
  assert.deepEqual(begun, ['a', 'a']);
});

test('no unit is begun that would not end within the 40 minutes, and what is left is told', async () => {
  const begun: string[] = [];
  let nowMs = 0;
  const run = () => Promise.resolve(((nowMs += SLICE_MS - 60_000), PASSED));
  const long = unit('long', begun, PASSED, { run });
  const units = [long, unit('too long', begun, PASSED, { guessMs: 60_001 }), unit('short', begun, PASSED)];
  const end = await slice(newFile(), units, { nowMs: () => nowMs });
  assert.deepEqual(begun, ['short']);
  assert.deepEqual(end, {
    ...{ passed: 2, failed: 0 },
    left: ['p, too long: its 1.0 min do not fit into this slice any more'],
  });
});

test('what was skipped or cannot run here is left, not done', async () => {
  const file = newFile();
  const begun: string[] = [];
  const skipped = unit('skipped', begun, { result: 'skipped' });
  const units = [unit('no engine', begun, PASSED, { part: 'kind' }), skipped];
  const absent = { absent: new Set(['kind']) };
  const end = await slice(file, units, absent);
  assert.deepEqual(end, {
    ...{ passed: 0, failed: 0 },
    left: ['kind, no engine: cannot run here', 'p, skipped: skipped, which shows nothing'],
  });
  await slice(file, units, absent);
  assert.deepEqual(begun, ['skipped', 'skipped']);
});

test('a result of sources that changed meanwhile is refused', async () => {
  const file = newFile();
  const changed = slice(file, [unit('a', [], PASSED)], { isUnchanged: () => false });
  await assert.rejects(changed, /sources changed/);
  assert.ok(!existsSync(file));
});
