import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { contradictionIn } from './contradictory-line.ts';

/** Whether such a line, written at 10 s, speaks against itself. */
const isContradictory = (body: object): boolean =>
  contradictionIn({ seq: 0, monoMs: 10_000, wallMs: 10_000, ...body } as Entry) !== undefined;

test('a good end with reasons for a bad one is a contradiction, and each without the other is none', () => {
  const gate = (ok: boolean, ...reasons: readonly string[]) => isContradictory({ kind: 'gate', ok, reasons });
  assert.deepEqual([gate(true, 'a'), gate(true), gate(false, 'a'), gate(false)], [true, false, false, false]);
  const residue = (ok: boolean, ...items: readonly string[]) =>
    isContradictory({ kind: 'residue', ok, items });
  assert.deepEqual([residue(true, 'a'), residue(true), residue(false, 'a')], [true, false, false]);
});

test('a fault takes effect when that is written at the latest', () => {
  const effect = (effectiveMonoMs: number) => isContradictory({ kind: 'fault.effective', effectiveMonoMs });
  assert.deepEqual([effect(9_000), effect(10_000), effect(10_001)], [false, false, true]);
});

test('Prometheus may be a second ahead, by the end of its answer and by the last of its points', () => {
  const answer = (endWallMs: number, ...instants: readonly number[]) =>
    isContradictory({ kind: 'promql.series', endWallMs, points: instants.map((wallMs) => [wallMs, 1]) });
  assert.deepEqual([answer(11_000), answer(11_001)], [false, true]);
  assert.deepEqual([answer(0, 5_000, 11_000), answer(0, 5_000, 11_001)], [false, true]);
});

test('a gap ends no sooner than it begins, whoever tells it, and may be open', () => {
  for (const kind of ['observer', 'probe.gap']) {
    const gap = (fromMonoMs?: number, toMonoMs?: number) => isContradictory({ kind, fromMonoMs, toMonoMs });
    assert.equal(gap(5, 4), true);
    assert.ok(![gap(5, 5), gap(5, 6), gap(5), gap(undefined, 5), gap()].includes(true));
  }
  assert.equal(isContradictory({ kind: 'note', text: '' }), false);
});
