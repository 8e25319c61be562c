import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SampleBuffer } from './buffer.ts';
import type { ProbeGapLine, ProbeSampleLine } from './protocol.ts';

const due = (seq: number): number => seq * 50;
const sample = (seq: number): ProbeSampleLine => ({
  type: 'sample',
  seq,
  dueMonoMs: due(seq),
  lateMs: 0,
  outcome: 'ok',
  latencyMs: 1,
});
const late = (fromSeq: number, toSeq: number): ProbeGapLine => ({
  type: 'gap',
  fromSeq,
  toSeq,
  fromDueMonoMs: due(fromSeq),
  toDueMonoMs: due(toSeq),
  reason: 'late',
});

/** All sequence numbers that a reader from `cursor` is told, expanded. */
function told(buffer: SampleBuffer, cursor: number): { readonly seq: number; readonly how: string }[] {
  const all: { seq: number; how: string }[] = [];
  for (let at = cursor, found = buffer.lineAt(at); found !== undefined; found = buffer.lineAt(at)) {
    const { line } = found;
    if (line.type === 'sample') all.push({ seq: line.seq, how: 'sample' });
    else for (let seq = line.fromSeq; seq <= line.toSeq; seq++) all.push({ seq, how: line.reason });
    at = found.next;
  }
  return all;
}

test('readers see samples in order of their due instants, however they were decided', () => {
  const buffer = new SampleBuffer(10, due);
  assert.equal(buffer.decide(sample(1)), false);
  assert.deepEqual(told(buffer, 0), []);
  assert.equal(buffer.decide(sample(0)), true);
  assert.deepEqual(
    told(buffer, 0).map(({ seq }) => seq),
    [0, 1],
  );
});

test('what has left the buffer is told as a gap', () => {
  const buffer = new SampleBuffer(4, due);
  for (let seq = 0; seq < 10; seq++) buffer.decide(sample(seq));
  assert.deepEqual(buffer.lineAt(3), {
    line: { type: 'gap', fromSeq: 3, toSeq: 5, fromDueMonoMs: 150, toDueMonoMs: 250, reason: 'overwritten' },
    next: 6,
  });
});

test('a reader that resumes inside a gap is told only the rest of it', () => {
  const buffer = new SampleBuffer(10, due);
  buffer.decide(late(0, 5));
  assert.deepEqual(buffer.lineAt(4)?.line, late(4, 5));
});

test('each number is told exactly once and in order, whatever the order of decisions', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      (runs, capacity, keys) => {
        let next = 0;
        const lines = runs.map((length) => {
          const from = next;
          next += length;
          return length === 1 ? sample(from) : late(from, next - 1);
        });
        // Decisions overtake each other only within the buffer's length: a request lives shorter than the buffer.
        const shuffled =
          next <= capacity
            ? lines
                .map((line, index) => ({ line, key: keys[index] ?? 0 }))
                .sort((a, b) => a.key - b.key)
                .map(({ line }) => line)
            : lines;
        const buffer = new SampleBuffer(capacity, due);
        for (const line of shuffled) buffer.decide(line);
        assert.equal(buffer.nextSeq, next);
        assert.deepEqual(
          told(buffer, 0).map(({ seq }) => seq),
          Array.from({ length: next }, (_, index) => index),
        );
      },
    ),
  );
});
