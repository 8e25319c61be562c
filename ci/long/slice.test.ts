import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FiredrillError } from '../../harness/core/errors.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import type { PartUnit } from './parts.ts';
import { Records, type UnitOutcome } from './records.ts';
import { runUnit } from './run-unit.ts';
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
    ...{ changes: () => [], write: () => undefined, ...facts },
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
    unit('b', begun, { result: 'failed' }),
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

test('what throws has no result: it counts as failed where it was tried, none is recorded, and it is tried again', async () => {
  const file = newFile();
  const begun: string[] = [];
  const refused = new FiredrillError('cli.bad-number', '--seed x', { hint: 'a number' });
  const units = [unit('refused', begun, refused), unit('b', begun, PASSED)];
  const left = [
    'p, refused: no result, so that none is recorded: [cli.bad-number] --seed x\n  next: a number',
  ];
  assert.deepEqual(await slice(file, units), { passed: 1, failed: 1, left });
  assert.equal(new Records(file, 'c1').doneOf(units[0]!), undefined);
  assert.deepEqual(await slice(file, units), { passed: 1, failed: 1, left });
  assert.deepEqual(begun, ['refused', 'b', 'refused']);
});

test('a unit that hangs has failed, which is recorded with the reason, and the others run', async () => {
  const file = newFile();
  const begun: string[] = [];
  const hanging = unit('hanging', begun, PASSED, {
    guessMs: 15,
    run: (signal: AbortSignal) => delay(60_000, PASSED, { signal }),
  });
  const said: string[] = [];
  const write = (line: string): unknown => said.push(line.replace(/[\d.]+ s/, 'TIME'));
  const end = await slice(file, [hanging, unit('b', begun, PASSED)], { write });
  assert.deepEqual(end, { passed: 1, failed: 1, left: [] });
  assert.equal(new Records(file, 'c1').doneOf(hanging)?.reason, 'did not end within 0.0 min');
  assert.deepEqual(said, [
    ...['p, hanging:', 'p, hanging: failed in TIME: did not end within 0.0 min\n'],
    ...['p, b:', 'p, b: passed in TIME\n'],
  ]);
});

test('beside a unit that does not end when it is asked to, nothing else is begun', async () => {
  const begun: string[] = [];
  let heartbeat: NodeJS.Timeout | undefined;
  const run = () => new Promise(() => (heartbeat = setInterval(() => undefined, 1_000)));
  const deaf = unit('deaf', begun, PASSED, { guessMs: 5, run });
  const end = await slice(newFile(), [deaf, unit('b', begun, PASSED)], { endingMs: 5 });
  clearInterval(heartbeat);
  assert.deepEqual(end, { passed: 0, failed: 1, left: ['p, b: not begun, since deaf goes on'] });
  assert.deepEqual(begun, []);
});

test('a unit that has ended keeps nothing waiting when its slice ends later', async () => {
  const stop = new AbortController();
  await runUnit({ run: () => Promise.resolve(PASSED), guessMs: 60_000 }, stop.signal);
  const timers = (): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  stop.abort();
  assert.equal(timers(), before);
});

test('a result of sources that changed meanwhile is not recorded, what changed is named, and no other unit is begun', async () => {
  const file = newFile();
  const begun: string[] = [];
  const units = [unit('a', begun, PASSED), unit('b', begun, PASSED)];
  const end = await slice(file, units, { changes: () => ['ci/new.ts', 'README.md'] });
  assert.deepEqual(end, {
    ...{ passed: 0, failed: 0 },
    left: [
      'p, a: the sources changed while it ran, so its result belongs to none: ci/new.ts, README.md',
      'p, b: not begun, since the sources have changed',
    ],
  });
  assert.deepEqual(begun, ['a']);
  assert.ok(!existsSync(file));
});
