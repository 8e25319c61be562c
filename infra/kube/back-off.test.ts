import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.ts';

test('the wait doubles up to its ceiling, and begins anew after a success', () => {
  const backOff = new BackOff(100, 2000, () => 0.999_999);
  const waits = Array.from({ length: 7 }, () => Math.round(backOff.next()));
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
  backOff.reset();
  assert.equal(Math.round(backOff.next()), 100);
});

test('jitter takes away up to half, and the server may ask for more', () => {
  const backOff = new BackOff(100, 2000, () => 0);
  assert.equal(backOff.next(), 50);
  assert.equal(backOff.next(5000), 5000);
});

test('an outage of days does not overflow', () => {
  const backOff = new BackOff(100, 2000, () => 0);
  for (let failure = 0; failure < 100_000; failure++) backOff.next();
  assert.equal(backOff.next(), 1000);
});
