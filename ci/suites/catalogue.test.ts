import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSuites, suites } from './catalogue.ts';

const names = (only?: readonly string[]): readonly string[] =>
  planSuites(suites, only).map(({ name }) => name);

test('all suites run where none is named, and one that is named alone brings with it what it needs, and before it', () => {
  assert.deepEqual(
    names(),
    suites.map(({ name }) => name),
  );
  assert.deepEqual(names(['real']), ['tools', 'real']);
  assert.deepEqual(names(['types']), ['types']);
});

test('every suite that starts a cluster comes after the tool chain', () => {
  const clustered = suites.filter(({ needs }) => needs === 'tools').map(({ name }) => name);
  assert.deepEqual(clustered, ['real', 'contract', 'meta', 'smoke']);
  for (const name of clustered) assert.ok(names().indexOf('tools') < names().indexOf(name), name);
});

test('what only reads sources runs side by side, and what measures or starts something runs alone', () => {
  const beside = suites.filter(({ sideBySide }) => sideBySide === true).map(({ name }) => name);
  assert.deepEqual(beside, ['types', 'lint', 'format']);
});

test('the budgets of all suites are 20 minutes together', () => {
  const minutes = suites.reduce((sum, { budgetMinutes }) => sum + budgetMinutes, 0);
  assert.ok(minutes <= 20 + 1e-9, `${minutes} minutes`);
});
