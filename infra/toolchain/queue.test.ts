import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createQueue } from './queue.ts';

test('turns come in the order of joining, one at a time', async () => {
  const queue = createQueue();
  const [first, second, third] = [queue.join(), queue.join(), queue.join()];
  const order: number[] = [];
  const all = [third, first, second].map((slot, index) => slot.turn().then(() => order.push(index)));
  await all[1];
  assert.deepEqual(order, [1]);
  first.leave();
  await all[2];
  assert.deepEqual(order, [1, 2]);
  second.leave();
  await all[0];
  assert.deepEqual(order, [1, 2, 0]);
});

test('who leaves before the turn came does not hold up those behind, nor let them pass those in front', async () => {
  const queue = createQueue();
  const [first, second, third] = [queue.join(), queue.join(), queue.join()];
  second.leave();
  const turn = third.turn();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([first.hasTurn(), third.hasTurn()], [true, false]);
  first.leave();
  await turn;
  assert.equal(third.hasTurn(), true);
});

test('waiting for a turn ends with the reason of the abort', async () => {
  const queue = createQueue();
  queue.join();
  const abort = new AbortController();
  const waiting = queue.join().turn(abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  await assert.rejects(queue.join().turn(abort.signal), /enough/);
});
