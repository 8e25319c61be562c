import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilerGogc, usableMemory } from './compiler-memory.ts';

test('the compilers are thrifty on a machine with little memory', () => {
  assert.equal(compilerGogc(4e9), 100);
  assert.equal(compilerGogc(16e9), 400);
});

test('the limit of a container counts, and no limit does not', () => {
  assert.equal(usableMemory(64e9, 4e9), 4e9);
  assert.equal(usableMemory(8e9, 2 ** 63), 8e9);
  assert.equal(usableMemory(8e9, 0), 8e9);
});
