import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dueWork, LATE_LIMIT_MS } from './schedule.ts';

const schedule = { startMonoMs: 1_000, intervalMs: 50 };

test('nothing is due before its instant', () => {
  assert.deepEqual(dueWork(schedule, 0, 999), { send: [], nextSeq: 0, waitMs: 1 });
});

test('a late timer sends all that is due meanwhile', () => {
  assert.deepEqual(dueWork(schedule, 3, 1_260).send, [3, 4, 5]);
});

test('what is later than the limit is not sent but told', () => {
  const work = dueWork(schedule, 2, 3_000);
  assert.deepEqual(work.late, { fromSeq: 2, toSeq: 29 });
  assert.equal(work.send[0], 30);
  assert.equal(work.send.at(-1), 40);
});

test('whenever the timer fires, each number is sent or told as late exactly once, and none is early', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 2_000 }),
      fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { maxLength: 40 }),
      (intervalMs, pauses) => {
        const every = { startMonoMs: 123.456, intervalMs };
        let now = 0;
        let nextSeq = 0;
        const handled: number[] = [];
        for (const pause of pauses) {
          now += pause;
          const work = dueWork(every, nextSeq, now);
          if (work.late) for (let seq = work.late.fromSeq; seq <= work.late.toSeq; seq++) handled.push(seq);
          handled.push(...work.send);
          for (const seq of work.send) {
            const lateMs = now - every.startMonoMs - seq * intervalMs;
            assert.ok(lateMs >= 0 && lateMs <= LATE_LIMIT_MS + 1e-6, `${lateMs}`);
          }
          assert.ok(work.waitMs > 0);
          nextSeq = work.nextSeq;
        }
        assert.deepEqual(
          handled,
          Array.from({ length: nextSeq }, (_, index) => index),
        );
      },
    ),
  );
});
