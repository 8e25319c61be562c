import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../core/verdict.ts';
import { decisive } from './check.ts';

test('a violation outranks what is inconclusive, which outranks what held, and of one rank the first decides', () => {
  const told = (...outcomes: readonly Outcome[]): string | undefined =>
    decisive(outcomes.map((outcome, at) => ({ check: String(at), outcome, reason: '' })))?.check;
  assert.equal(told('held', 'inconclusive', 'violated', 'inconclusive'), '2');
  assert.equal(told('held', 'inconclusive', 'held'), '1');
  assert.equal(told('violated', 'violated'), '0');
  assert.equal(told('inconclusive', 'inconclusive'), '0');
  assert.equal(told('held', 'held'), '0');
  assert.equal(told(), undefined);
});
