import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { readKept } from './kept.ts';
import { runSuites } from './run-suites.ts';
import type { Suite, SuiteResult, Tally } from './tally.ts';

const SOUND: SuiteResult = { passed: 2, failed: 0, skipped: 0 };
let files = 0;

function suite(name: string, result: SuiteResult, facts: Partial<Suite> = {}): Suite {
  return { name, what: 'half a line', budgetMinutes: 1, run: () => Promise.resolve(result), ...facts };
}

/** What came of suites, what they have said without their times, and whose times are kept then. */
async function outcomeOf(
  suites: readonly Suite[],
  { areAll = true, abort = new AbortController() } = {},
): Promise<{ total: Tally; said: string; kept: readonly string[] }> {
  const timesFile = join(temporaryDirectory('suites'), `${++files}.json`);
  let written = '';
  const write = (text: string): void => void (written += text);
  const total = await runSuites(suites, { signal: abort.signal, write, timesFile, areAll });
  const said = written.replace(/[\d.]+ s \(budget \d+ s\)/g, 'TIME');
  return { total, said, kept: Object.keys(readKept(timesFile, z.number())) };
}

test('what only reads sources runs beside its kind and before all others, and shows its output when it has ended', async () => {
  const order: string[] = [];
  const later = Promise.withResolvers<SuiteResult>();
  const noting = (name: string, facts: Partial<Suite>, ended: Promise<SuiteResult>): Suite =>
    suite(name, SOUND, { ...facts, run: () => (order.push(name), ended) });
  const sideBySide = { sideBySide: true };
  const first = noting('first', {}, Promise.resolve(SOUND));
  const types = noting('types', sideBySide, later.promise);
  const lint = noting('lint', sideBySide, Promise.resolve({ ...SOUND, output: '  clean\n' }));
  const ended = outcomeOf([first, types, lint]);
  assert.deepEqual(order, ['types', 'lint']);
  later.resolve(SOUND);
  const { said, total } = await ended;
  assert.deepEqual(order, ['types', 'lint', 'first']);
  assert.deepEqual(total, { passed: 6, failed: 0, skipped: 0 });
  assert.equal(
    said,
    'lint: half a line\n  clean\nlint: 2 ok, 0 failed in TIME\n\n' +
      'types: half a line\ntypes: 2 ok, 0 failed in TIME\n\n' +
      'first: half a line\nfirst: 2 ok, 0 failed in TIME\n\neverything: TIME\n\n',
  );
});

test('what was skipped is counted beside the rest, and a suite in which all was has failed', async () => {
  const { said, total } = await outcomeOf([
    suite('some', { ...SOUND, skipped: 3 }),
    suite('none', { passed: 0, failed: 0, skipped: 4 }),
  ]);
  assert.match(said, /^some: 2 ok, 0 failed, 3 skipped in TIME$/m);
  assert.match(said, /nothing has run\nnone: 0 ok, 1 failed, 4 skipped in TIME$/m);
  assert.deepEqual(total, { passed: 2, failed: 1, skipped: 7 });
});

test('the slowest tests of all suites are told at the end', async () => {
  const slow = { name: 'slow', file: 'a.test.ts', seconds: 12 };
  const { said } = await outcomeOf([suite('unit', { ...SOUND, times: [slow] })]);
  assert.ok(said.endsWith('\nslowest tests:\n    12.0 s  slow (a.test.ts)\n\n'), said);
});

test('the time of each suite is kept, and that of everything where everything ran', async () => {
  const suites = [suite('unit', SOUND), suite('real', { ...SOUND, failed: 1 })];
  assert.deepEqual((await outcomeOf(suites)).kept, ['unit', 'real', 'everything']);
  assert.deepEqual((await outcomeOf(suites, { areAll: false })).kept, ['unit', 'real']);
});

test('an interruption ends the suite that runs, which is said and whose time is not kept, and begins no other', async () => {
  const abort = new AbortController();
  const empty = { passed: 0, failed: 0, skipped: 0 };
  const interrupted = suite('real', empty, { run: () => (abort.abort(), Promise.resolve(empty)) });
  const { said, kept, total } = await outcomeOf([suite('unit', SOUND), interrupted, suite('meta', SOUND)], {
    abort,
  });
  assert.deepEqual(kept, ['unit']);
  assert.deepEqual(total, SOUND);
  assert.ok(
    said.endsWith('real: half a line\nreal: interrupted, until then 0 ok, 0 failed in TIME\n\n'),
    said,
  );
});
