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
const SUITES = [suite('types'), suite('tools'), suite('real', { needs: ['tools'] })];
const names = (suites: readonly Suite[]): readonly string[] => suites.map(({ name }) => name);

test('all suites run where none is named', () => {
  assert.deepEqual(names(planSuites(SUITES)), ['types', 'tools', 'real']);
});

test('a suite that is named alone brings with it what it needs, and before it', () => {
  assert.deepEqual(names(planSuites(SUITES, ['real'])), ['tools', 'real']);
  assert.deepEqual(names(planSuites(SUITES, ['types'])), ['types']);
});

test('every suite that starts a cluster comes after the tool chain', () => {
  const order = names(catalogue);
  for (const { name, needs } of catalogue)
    for (const need of needs ?? [])
      assert.ok(order.indexOf(need) < order.indexOf(name), `${need} before ${name}`);
  const clustered = catalogue.filter(({ needs }) => needs?.includes('tools') === true);
  assert.deepEqual(names(clustered), ['real', 'contract', 'meta', 'smoke']);
});

test('the budgets of all suites are 20 minutes together', () => {
  const minutes = catalogue.reduce((sum, { budgetMinutes }) => sum + budgetMinutes, 0);
  assert.ok(minutes <= 20 + 1e-9, `${minutes} minutes`);
});
