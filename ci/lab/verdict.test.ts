import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, lineOf } from './verdict.ts';

test('what the guest says of a step is told from what its kernel and its programs say', () => {
  const verdict = { step: 'up', ok: false, detail: 'with "quotes"\nand lines', seconds: 73.1 };
  assert.deepEqual(heard(lineOf(verdict)), verdict);
  assert.equal(lineOf(verdict).includes('\n'), false);
  assert.equal(heard('Kernel panic - not syncing: lab> {'), undefined);
});
