import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capacityRecovery, type CapacityAnswer, type CapacityChange } from './capacity.ts';

function answerOf(
  changes: readonly (readonly [sinceMs: number, ready: number])[],
  facts: { podsHit?: number; untilMs?: number; before?: number; limitMs?: number } = {},
): CapacityAnswer {
  const all: CapacityChange[] = [
    { monoMs: 0, ready: facts.before ?? 6, wanted: 6 },
    ...changes.map(([sinceMs, ready]) => ({ monoMs: 10_000 + sinceMs, ready, wanted: 6 })),
  ];
  return capacityRecovery(all, {
    requestedMonoMs: 9_980,
    effectiveMonoMs: 10_000,
    effectiveErrorMs: 5,
    arrivalErrorMs: 50,
    stableForMs: 5_000,
    watchUntilMonoMs: 10_000 + (facts.limitMs ?? 0),
    untilMonoMs: 10_000 + (facts.untilMs ?? 60_000),
    podsHit: facts.podsHit ?? 2,
  });
}

function durationMs({ duration }: CapacityAnswer): number {
  assert.ok(duration.kind === 'measured', JSON.stringify(duration));
  return duration.ms;
}

describe('capacity', () => {
  it('is back when all replicas are Ready again and stay so', () => {
    assert.deepEqual(
      answerOf([
        [1_700, 4],
        [4_000, 5],
        [5_600, 6],
      ]).duration,
      {
        kind: 'measured',
        ms: 5_600,
        lowMs: 5_545,
        highMs: 5_655,
      },
    );
  });

  it('is not back when it drops again within stableFor', () => {
    const { duration } = answerOf([
      [1_000, 4],
      [3_000, 6],
      [4_000, 5],
      [9_000, 6],
    ]);
    assert.ok(duration.kind === 'measured' && duration.ms === 9_000);
  });

  it('is not back when replicas are missing at the limit, whatever was before', () => {
    const changes = [
      [1_000, 4],
      [3_000, 6],
      [9_000, 5],
      [25_000, 6],
    ] as const;
    assert.equal(durationMs(answerOf(changes)), 3_000);
    assert.equal(durationMs(answerOf(changes, { limitMs: 20_000 })), 25_000);
  });

  it('is censored when replicas stay missing', () => {
    assert.deepEqual(
      answerOf([
        [1_000, 4],
        [3_000, 5],
      ]).duration,
      { kind: 'censored', atLeastMs: 60_000 },
    );
  });

  it('is unknown while the API still believes in replicas that are dead', () => {
    assert.equal(answerOf([]).duration.kind, 'unknown');
    assert.equal(answerOf([], { podsHit: 0 }).duration.kind, 'no-impact');
  });

  it('is unknown when it was not complete before, never seen, or not watched for long enough', () => {
    assert.equal(
      answerOf(
        [
          [1_000, 4],
          [2_000, 6],
        ],
        { before: 5 },
      ).duration.kind,
      'unknown',
    );
    assert.equal(
      answerOf(
        [
          [1_000, 4],
          [2_000, 6],
        ],
        { untilMs: 4_000 },
      ).duration.kind,
      'unknown',
    );
  });
});
