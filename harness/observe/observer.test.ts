import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runUntilStopped, watchUntilStopped } from './observer.ts';
import { bodyOf, record } from './testing/recording.ts';

test('a task that fails brings nothing down until it is stopped, which tells of it, and takes its other parts with it', async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on('unhandledRejection', listen);
  let part: AbortSignal | undefined;
  const running = runUntilStopped(new AbortController().signal, (signal) => {
    part = signal;
    return Promise.reject(new Error('torn'));
  });
  await turn();
  await turn();
  process.off('unhandledRejection', listen);
  assert.deepEqual(unhandled, []);
  assert.equal(part?.aborted, true);
  await assert.rejects(running.stop(), /^Error: torn/);
});

test('an observer is told when it begins, and when it has ended, after its farewell', async () => {
  const journal = record();
  const told: string[] = [];
  const observer = watchUntilStopped(
    'one',
    journal.append,
    new AbortController().signal,
    async (running) => {
      await new Promise((resolve) => running.addEventListener('abort', resolve));
      told.push('ended');
    },
    () => {
      told.push('farewell');
      return Promise.resolve();
    },
  );
  assert.deepEqual(journal.entries.map(bodyOf), [{ kind: 'observer', observer: 'one', state: 'started' }]);
  await observer.stop();
  assert.deepEqual(told, ['farewell', 'ended']);
  assert.deepEqual(bodyOf(journal.entries[1]!), { kind: 'observer', observer: 'one', state: 'stopped' });
});
