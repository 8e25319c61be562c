import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../core/verdict.ts';
import { exitCodeOf } from './exit-code.ts';

const verdict = (outcome: Outcome, expected: Outcome = 'held') => ({
  outcome,
  expected,
  asExpected: outcome === expected,
});
const codeOf = (...verdicts: ReturnType<typeof verdict>[]): number =>
  exitCodeOf({ verdicts, residue: false, runnerFailed: false });

test('violated outranks inconclusive, which outranks held', () => {
  assert.equal(codeOf(verdict('held')), 0);
  assert.equal(codeOf(verdict('held'), verdict('inconclusive')), 2);
  assert.equal(codeOf(verdict('inconclusive'), verdict('violated')), 1);
});

test('a control counts by the verdict that it expects', () => {
  assert.equal(codeOf(verdict('violated', 'violated')), 0);
  assert.equal(codeOf(verdict('held', 'violated')), 1);
  assert.equal(codeOf(verdict('inconclusive', 'violated')), 2);
});

test('no trial at all is never a success', () => {
  assert.equal(codeOf(), 2);
  assert.equal(exitCodeOf({ verdicts: [], residue: false, runnerFailed: true }), 70);
});

test('a plain test that failed counts as a claim that did, and one that passed as no trial', () => {
  const code = (failed: number) =>
    exitCodeOf({
      verdicts: [verdict('held')],
      residue: false,
      runnerFailed: false,
      plain: { passed: 1, failed },
    });
  assert.deepEqual([code(0), code(1)], [0, 1]);
  const plain = { passed: 1, failed: 0 };
  assert.equal(exitCodeOf({ verdicts: [], residue: false, runnerFailed: false, plain }), 2);
});

test('residue is our own fault, whatever the verdicts', () => {
  assert.equal(exitCodeOf({ verdicts: [verdict('held')], residue: true, runnerFailed: false }), 70);
});

test('a runner that failed is told even where every trial held', () => {
  assert.equal(exitCodeOf({ verdicts: [verdict('held')], residue: false, runnerFailed: true }), 70);
});
