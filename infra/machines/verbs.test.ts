import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkParameters, machineResidue } from './verbs.ts';

test('a machine that was fenced or replaced is no residue, nor is one that never ran; one that is off, frozen or unplugged is', () => {
  const usual = { node: 'n', exists: true, processes: 9, frozen: false, cable: 'in', fenced: false } as const;
  assert.deepEqual(
    machineResidue([
      usual,
      { ...usual, processes: 0, cable: 'absent', fenced: true },
      // A replacement that was made and not switched on yet.
      { ...usual, processes: 0, cable: 'absent', isNew: true },
      { ...usual, exists: false, processes: 0, cable: 'absent', fenced: true },
    ]),
    [],
  );
  assert.deepEqual(
    machineResidue([
      { ...usual, node: 'a', processes: 0, cable: 'absent' },
      { ...usual, node: 'b', frozen: true },
      { ...usual, node: 'c', cable: 'out' },
    ]),
    ['a is powered off and nobody fenced it', 'b is frozen', 'the cable of c is out'],
  );
});

test('a verb is told nothing that its row does not name', () => {
  assert.deepEqual(checkParameters('freeze', {}), {});
  assert.throws(() => checkParameters('freeze', { latencyMs: 5 }), {
    code: 'machine.unknown-parameter',
    message: 'freeze takes no latencyMs',
  });
});
