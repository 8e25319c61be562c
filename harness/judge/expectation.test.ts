import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryOf } from '../core/journal/journal.ts';
import type { Finding } from '../core/verdict.ts';
import { unmetExpectation } from './expectation.ts';

type Started = EntryOf<'trial.started'>;

const started = (fields: Partial<Started>): Started => fields as Started;
const violated = (more: Partial<Finding> = {}): Finding => ({
  ...{ check: 'recover-within', outcome: 'violated', reason: '', claimId: 'c1', sloId: 'available' },
  ...more,
});
const held: Finding = { check: 'hold-while', outcome: 'held', reason: '', claimId: 'c2', sloId: 'fast' };
const assertion: Finding = { check: 'assertion', outcome: 'violated', reason: '' };

test('a trial that says nothing of it is expected to hold', () => {
  assert.equal(unmetExpectation(undefined, 'held', []), undefined);
  assert.equal(unmetExpectation(started({}), 'held', [held]), undefined);
  assert.equal(unmetExpectation(started({}), 'violated', [violated()]), 'it was expected to be held');
  assert.equal(unmetExpectation(started({ expected: 'inconclusive' }), 'inconclusive', []), undefined);
  const control = started({ expected: 'violated' });
  assert.equal(unmetExpectation(control, 'held', [held]), 'it was expected to be violated');
});

test('a control that names no claim is violated by any, and by an assertion only where nothing is claimed', () => {
  const control = started({ expected: 'violated' });
  assert.equal(unmetExpectation(control, 'violated', [held, violated()]), undefined);
  assert.equal(unmetExpectation(control, 'violated', [assertion, violated()]), undefined);
  assert.equal(unmetExpectation(control, 'violated', [assertion]), undefined);
  assert.match(unmetExpectation(control, 'violated', [held, assertion]) ?? '', /what failed is an assertion/);
});

test('a control that names a claim is violated by that, by whichever of its names, and by nothing else', () => {
  const named = (expectedClaim: string, ...findings: readonly Finding[]) =>
    unmetExpectation(started({ expected: 'violated', expectedClaim }), 'violated', findings);
  for (const name of ['c1', 'available', 'recover-within'])
    assert.equal(named(name, held, violated()), undefined);
  assert.equal(named('c2', held, violated()), 'only "c2" was expected to be violated');
  assert.match(named('c1', violated(), assertion) ?? '', /only "c1"/);
  assert.match(named('c1', violated(), violated({ claimId: 'c3' })) ?? '', /only "c1"/);
  assert.equal(named('available', violated(), violated({ claimId: 'c3' })), undefined);
});
