import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patienceOf, patient } from './patience.ts';

test('a slow machine has more time, no machine has less, and what is no number changes nothing', () => {
  assert.deepEqual(
    ['7.5', '1', '0.2', '-3', '0', '', 'much', undefined].map((text) => patienceOf(text)),
    [7.5, 1, 1, 1, 1, 1, 1, 1],
  );
  assert.equal(patient(1_000, 7.5), 7_500);
  AbortSignal.timeout(patient(1_001, 1.37));
});
