import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { unlessAborted } from './unless-aborted.ts';

const NEVER = new Promise<never>(() => undefined);

test('work is waited for until the signal aborts, whose reason then comes in its place', async () => {
  const abort = new AbortController();
  assert.equal(await unlessAborted(Promise.resolve(7), abort.signal), 7);
  assert.equal(await unlessAborted(Promise.resolve(7), undefined), 7);
  await assert.rejects(unlessAborted(Promise.reject(new Error('its own')), abort.signal), /its own/);
  const waiting = unlessAborted(NEVER, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(unlessAborted(Promise.resolve(7), abort.signal), /enough/);
  await assert.rejects(unlessAborted(NEVER, abort.signal), /enough/);
});

test('a signal that outlives the work keeps nothing of it', async () => {
  const { signal } = new AbortController();
  await unlessAborted(Promise.resolve(), signal);
  await unlessAborted(Promise.reject(new Error('its own')), signal).catch(() => undefined);
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('what work ends with after the signal has aborted is no unhandled rejection', async () => {
  const late = Promise.withResolvers<never>();
  await assert.rejects(unlessAborted(late.promise, AbortSignal.abort(new Error('enough'))), /enough/);
  late.reject(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});
