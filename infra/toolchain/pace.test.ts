import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paceFor, usableMemory } from './pace.ts';

test('a machine with little memory builds one bundle at a time', () => {
  assert.deepEqual(paceFor(4e9), { atOnce: 1, gogc: 100 });
  assert.deepEqual(paceFor(16e9), { atOnce: 2, gogc: 400 });
});

test('the limit of a container counts, and no limit does not', () => {
  assert.equal(usableMemory(64e9, 4e9), 4e9);
  assert.equal(usableMemory(8e9, 2 ** 63), 8e9);
  assert.equal(usableMemory(8e9, 0), 8e9);
});
