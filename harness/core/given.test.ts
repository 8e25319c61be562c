import assert from 'node:assert/strict';
import { it } from 'node:test';
import { given } from './given.ts';

it('leaves out what is undefined, and nothing else', () => {
  const all = { a: undefined, b: null, c: 0, d: '', e: false, f: [] };
  assert.deepEqual(given(all), { b: null, c: 0, d: '', e: false, f: [] });
  assert.deepEqual(Object.keys(given(all)), ['b', 'c', 'd', 'e', 'f']);
});
