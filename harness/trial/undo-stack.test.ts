import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import type { Undo } from '../core/faults/fault.ts';
import { UndoStack } from './undo-stack.ts';

const undoOf = (node: string): Undo => ({ verb: 'node.power-on', args: { node } });

/** A stack whose safe and executions write one log, so that their order can be checked. */
function recorded(execute: (undo: Undo, signal: AbortSignal) => Promise<string>, deadlineMs = 1_000) {
  const log: string[] = [];
  const stack = new UndoStack(
    {
      registerUndo: (id) => Promise.resolve(void log.push(`register ${id}`)),
      forgetUndo: (id) => Promise.resolve(void log.push(`forget ${id}`)),
    },
    async (undo, signal) => {
      log.push(`undo ${String(undo.args['node'])}`);
      return execute(undo, signal);
    },
    deadlineMs,
  );
  return { stack, log };
}

test('the undo is in the safe before push returns, and undos run newest first', async () => {
  const { stack, log } = recorded(() => Promise.resolve('on again'));
  await stack.push('one', undoOf('node-1'));
  await stack.push('two', undoOf('node-2'));
  assert.deepEqual(log, ['register one.0', 'register two.1']);
  const results = await stack.revertAll();
  assert.deepEqual(log.slice(2), ['undo node-2', 'forget two.1', 'undo node-1', 'forget one.0']);
  assert.deepEqual(
    results.map((result) => [result.injectionId, result.ok, result.observation]),
    [
      ['two', true, 'on again'],
      ['one', true, 'on again'],
    ],
  );
});

test('reverting twice, or from two places at once, acts once', async () => {
  const { stack, log } = recorded(() => Promise.resolve('done'));
  await stack.push('one', undoOf('node-1'));
  await Promise.all([stack.revert('one'), stack.revert('one'), stack.revertAll()]);
  assert.deepEqual(await stack.revert('one'), []);
  assert.deepEqual(await stack.revertAll(), []);
  assert.equal(log.filter((line) => line.startsWith('undo')).length, 1);
});

test('one that fails stays registered and does not keep the others from being undone', async () => {
  let broken = true;
  const { stack, log } = recorded((undo) =>
    undo.args['node'] === 'node-2' && broken
      ? Promise.reject(new Error('no answer'))
      : Promise.resolve('done'),
  );
  await stack.push('one', undoOf('node-1'));
  await stack.push('two', undoOf('node-2'));
  const results = await stack.revertAll();
  assert.deepEqual(
    results.map((result) => result.ok),
    [false, true],
  );
  assert.match(results[0]?.observation ?? '', /node\.power-on failed: no answer/);
  assert.ok(!log.includes('forget two.1'));
  broken = false;
  assert.equal((await stack.revertAll())[0]?.ok, true);
  assert.equal(stack.size, 0);
});

test('each undo has a deadline of its own, and one that ran out of time is told by it', async () => {
  const { stack } = recorded(
    (undo, signal) =>
      undo.args['node'] === 'node-2'
        ? systemClock.sleep(60_000, signal).then(() => 'late')
        : Promise.resolve('done'),
    20,
  );
  await stack.push('one', undoOf('node-1'));
  await stack.push('two', undoOf('node-2'));
  const results = await stack.revertAll();
  assert.match(results[0]?.observation ?? '', /not done within 20 ms/);
  assert.equal(results[1]?.ok, true);
});

test('when the safe refuses, push fails, so the effect is never made', async () => {
  const stack = new UndoStack(
    { registerUndo: () => Promise.reject(new Error('hold lapsed')), forgetUndo: () => Promise.resolve() },
    () => Promise.resolve('done'),
    1_000,
  );
  await assert.rejects(stack.push('one', undoOf('node-1')), /hold lapsed/);
});

test('an injection with several effects is undone as one, newest effect first', async () => {
  const { stack, log } = recorded(() => Promise.resolve('done'));
  await stack.push('one', undoOf('node-1'));
  await stack.push('other', undoOf('node-9'));
  await stack.push('one', undoOf('node-2'));
  await stack.revert('one');
  assert.deepEqual(
    log.filter((line) => line.startsWith('undo')),
    ['undo node-2', 'undo node-1'],
  );
  assert.equal(stack.size, 1);
});
