import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../core/clock.ts';
import type { EntryBody } from '../core/journal/journal.ts';
import { Sight } from './sight.ts';

test('blindness is told when it begins, once, and again with its end', () => {
  let monoMs = 1_000;
  const told: unknown[] = [];
  const clock = { now: () => ({ monoMs, wallMs: monoMs }) } as Clock;
  const append = (body: EntryBody): void => {
    if (body.kind === 'observer') told.push([body.state, body.reason, body.fromMonoMs, body.toMonoMs]);
  };
  const sight = new Sight(append, clock, 'alerts');
  monoMs = 2_000;
  sight.seen();
  assert.deepEqual(told, []);
  monoMs = 3_000;
  sight.lose('reset');
  sight.lose('refused');
  assert.deepEqual(told.splice(0), [['gap', 'reset', 2_000, undefined]]);
  monoMs = 5_000;
  sight.seen();
  sight.seen();
  assert.deepEqual(told.splice(0), [['gap', 'reset', 2_000, 5_000]]);
  monoMs = 6_000;
  sight.lose('the stream ended', 5_900);
  assert.deepEqual(told, [['gap', 'the stream ended', 5_900, undefined]]);
});
