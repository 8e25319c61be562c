import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftIn, type HoldRecord } from './hold-record.ts';

test('of dead holders only what somebody has to undo is left', () => {
  const hold = (verb: string): HoldRecord => ({
    id: verb,
    pid: 1,
    host: 'a',
    beat: 1,
    undos: [{ injectionId: 'f1.0', undo: { verb, args: { node: 'n' } } }],
  });
  const left = leftIn([hold('node.thaw'), hold('pod.none'), hold('of.a-later-version')]);
  assert.deepEqual(
    left.map(({ undo }) => undo.verb),
    ['node.thaw', 'of.a-later-version'],
  );
});
