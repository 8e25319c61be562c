import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NumberSet } from './number-set.ts';

test('a number is new in a set once, whichever others are in it', () => {
  const set = new NumberSet();
  const numbers = [
    0, 1, 31, 32, 33, 63, 64, 1_023, 32_736, 32_767, 32_768, 32_799, 32_800, 65_536, 1_000_000,
  ];
  for (const number of numbers) assert.equal(set.add(number), true, String(number));
  for (const number of numbers) assert.equal(set.add(number), false, String(number));
  assert.equal(set.add(2), true);
});
