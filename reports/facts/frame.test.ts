import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Mark } from '../../harness/core/verdict.ts';
import { atForeign, atMono, atWall, frameOf } from './frame.ts';

const at = (kind: string, monoMs: number, more: object = {}): Entry =>
  ({ kind, seq: 0, monoMs, wallMs: monoMs + 50_000, ...more }) as Entry;
const mark = (name: Mark['name'], monoMs: number): Mark => ({
  ...{ name, monoMs, wallMs: monoMs + 50_000, beforeMs: 0, afterMs: 0, seenBy: 'a' },
});

test('zero is told by the marks of the verdict, by the journal where it has none, the effect before the request', () => {
  const effective = at('fault.effective', 30, { effectiveMonoMs: 25, effectiveWallMs: 50_025 });
  const cases: readonly (readonly [
    entries: readonly Entry[],
    marks: readonly Mark[],
    monoMs: number,
    is: string,
  ])[] = [
    [[effective], [mark('requested', 10), mark('effective', 20)], 20, 'fault effective'],
    [[effective], [mark('detected', 5), mark('requested', 10)], 10, 'fault requested'],
    [[at('note', 1), at('fault.requested', 12), effective], [], 25, 'fault effective'],
    [[at('note', 1), at('fault.requested', 12)], [], 12, 'fault requested'],
    [[at('note', 1), at('note', 2)], [], 1, 'start of the trial'],
  ];
  for (const [entries, marks, zeroMonoMs, zeroIs] of cases)
    assert.deepEqual(frameOf(entries, marks), { zeroMonoMs, zeroWallMs: zeroMonoMs + 50_000, zeroIs });
  assert.deepEqual(frameOf([], []), { zeroMonoMs: 0, zeroWallMs: 0, zeroIs: 'start of the trial' });
});

test('an instant is counted from zero by its own clock, and by the wall where two clocks differ by more than a second', () => {
  const frame = { zeroMonoMs: 1_000, zeroWallMs: 51_000, zeroIs: 'fault effective' } as const;
  assert.deepEqual([atMono(frame, 1_500), atWall(frame, 51_700)], [500, 700]);
  for (const [wallMs, counted] of [
    [53_999, 2_000],
    [54_000, 2_000],
    [54_001, 3_001],
    [52_000, 2_000],
    [51_999, 999],
  ] as const)
    assert.equal(atForeign(frame, { monoMs: 3_000, wallMs }), counted, String(wallMs));
});
