import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { SLICE_MS } from './plan.ts';
import { readRecords } from './records.ts';
import { runSlice, type SliceEnd, type SliceRun, type SliceUnit } from './run-slice.ts';
import type { UnitOutcome } from './unit.ts';

let files = 0;
const newFile = (): string => join(temporaryDirectory('slice'), `${++files}.jsonl`);

/** A unit that notes when it runs; a result may be thrown instead. */
function unit(name: string, begun: string[], outcome: UnitOutcome | Error, facts = {}): SliceUnit {
  return {
    ...{ part: 'p', unit: name, name, guessMs: 60_000 },
    run: () => {
      begun.push(name);
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
    ...facts,
  };
}

const PASSED: UnitOutcome = { result: 'passed' };

function slice(
  recordsFile: string,
  units: readonly SliceUnit[],
  facts: Partial<SliceRun> = {},
): Promise<SliceEnd> {
  const signal = new AbortController().signal;
  return runSlice({
    ...{
      units,
      recordsFile,
      signal,
      absent: new Set<string>(),
      commit: 'c1',
      commitNow: () => 'c1',
      write: () => undefined,
    },
    ...facts,
  });
}

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
  const [record] = readRecords(file);
  assert.deepEqual(
    { ...record, seconds: 0, endedAt: '' },
    {
      ...{ commit: 'c1', part: 'p', unit: 'a', seed: 7, result: 'passed', figures: { users: [2] } },
      ...{ seconds: 0, endedAt: '' },
    },
  );
});

test('on another commit everything runs again', async () => {
  const file = newFile();
  const begun: string[] = [];
  await slice(file, [unit('a', begun, PASSED)]);
  await slice(file, [unit('a', begun, PASSED)], { commit: 'c2', commitNow: () => 'c2' });
  assert.deepEqual(begun, ['a', 'a']);
});

test('no unit is begun that would not end in time, and what is left is told', async () => {
  const begun: string[] = [];
  let nowMs = 0;
  const long = unit('long', begun, PASSED, {
    run: () => {
      nowMs += SLICE_MS - 90_000;
      return Promise.resolve(PASSED);
    },
  });
  const units = [long, unit('too long', begun, PASSED, { guessMs: 120_000 }), unit('short', begun, PASSED)];
  const end = await slice(newFile(), units, { nowMs: () => nowMs });
  assert.deepEqual(begun, ['short']);
  assert.deepEqual(end, {
    ...{ passed: 2, failed: 0 },
    left: ['p, too long: its 2.0 min do not fit into this slice any more'],
  });
});

test('what was skipped or cannot run here is left, not done', async () => {
  const file = newFile();
  const begun: string[] = [];
  const units = [
    unit('no engine', begun, PASSED, { part: 'kind' }),
    unit('skipped', begun, { result: 'skipped' }),
  ];
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
  await assert.rejects(
    slice(file, [unit('a', [], PASSED)], { commitNow: () => 'c1+1234' }),
    /sources changed/,
  );
  assert.deepEqual(readRecords(file), []);
});

test('a record that was cut off by a kill is none, and the next is whole', async () => {
  const file = newFile();
  await slice(file, [unit('a', [], PASSED)]);
  appendFileSync(file, '{"commit":"c1","par');
  await slice(file, [unit('b', [], PASSED)]);
  assert.deepEqual(
    readRecords(file).map((record) => record.unit),
    ['a', 'b'],
  );
});
