import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suites as catalogue } from './catalogue.ts';
import { planSuites } from './plan.ts';
import type { Suite } from './tally.ts';

const run = () => Promise.resolve({ passed: 1, failed: 0, skipped: 0 });
const suite = (name: string, facts: Partial<Suite> = {}): Suite => ({
  name,
  what: name,
  budgetMinutes: 1,
  run,
  ...facts,
});
const SUITES = [
  suite('types'),
  suite('tools'),
  suite('real', { needs: ['tools'] }),
  suite('long', { long: true, needs: ['tools'] }),
];
const names = (suites: readonly Suite[]): readonly string[] => suites.map(({ name }) => name);

test('all suites run but the long ones, and those too where they are asked for', () => {
  assert.deepEqual(names(planSuites(SUITES, { long: false })), ['types', 'tools', 'real']);
  assert.deepEqual(names(planSuites(SUITES, { long: true })), ['types', 'tools', 'real', 'long']);
});

test('a suite that is named alone brings with it what it needs, and before it', () => {
  assert.deepEqual(names(planSuites(SUITES, { only: ['real'], long: false })), ['tools', 'real']);
  assert.deepEqual(names(planSuites(SUITES, { only: ['long'], long: false })), ['tools', 'long']);
  assert.deepEqual(names(planSuites(SUITES, { only: ['types'], long: false })), ['types']);
});

test('every suite that starts a cluster comes after the tool chain', () => {
  const order = names(catalogue);
  for (const { name, needs } of catalogue)
    for (const need of needs ?? [])
      assert.ok(order.indexOf(need) < order.indexOf(name), `${need} before ${name}`);
  const clustered = catalogue.filter(({ needs }) => needs?.includes('tools') === true);
  assert.deepEqual(names(clustered), ['real', 'contract', 'meta', 'smoke', 'long']);
});

test('the budgets of all suites but the long ones are 20 minutes together', () => {
  const minutes = catalogue
    .filter(({ long }) => long !== true)
    .reduce((sum, { budgetMinutes }) => sum + budgetMinutes, 0);
  assert.ok(minutes <= 20 + 1e-9, `${minutes} minutes`);
});
