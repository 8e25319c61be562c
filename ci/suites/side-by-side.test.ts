import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atMost, groupsOf } from './side-by-side.ts';
import type { Suite } from './tally.ts';

const suite = (name: string, sideBySide: boolean): Suite => ({
  name,
  what: name,
  budgetMinutes: 1,
  sideBySide,
  run: () => Promise.resolve({ passed: 1, failed: 0, skipped: 0 }),
});

test('only neighbours that all may run side by side make a group', () => {
  const suites = [suite('types', true), suite('lint', true), suite('unit', false), suite('smoke', true)];
  const names = groupsOf(suites).map((group) => group.map(({ name }) => name));
  assert.deepEqual(names, [['types', 'lint'], ['unit'], ['smoke']]);
});

test('no more run at a time than allowed, in their order, and all of them', async () => {
  const begun: string[] = [];
  let running = 0;
  let most = 0;
  await atMost(2, ['a', 'b', 'c', 'd'], async (item) => {
    begun.push(item);
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
  });
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  assert.equal(most, 2);
});
