import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { capacityRecovery, isMissing, type CapacityAnswer, type CapacityChange } from './capacity.ts';

const QUESTION = {
  ...{ requestedMonoMs: 9_980, effectiveMonoMs: 10_000, effectiveErrorMs: 5 },
  ...{ arrivalErrorMs: 50, stableForMs: 5_000 },
};

function answerOf(
  changes: readonly (readonly [sinceMs: number, ready: number])[],
  facts: { podsHit?: number; untilMs?: number; before?: number; limitMs?: number } = {},
): CapacityAnswer {
  const all: CapacityChange[] = [
    { monoMs: 0, ready: facts.before ?? 6, wanted: 6 },
    ...changes.map(([sinceMs, ready]) => ({ monoMs: 10_000 + sinceMs, ready, wanted: 6 })),
  ];
  return capacityRecovery(all, {
    ...QUESTION,
    watchUntilMonoMs: 10_000 + (facts.limitMs ?? 0),
    untilMonoMs: 10_000 + (facts.untilMs ?? 60_000),
    podsHit: facts.podsHit ?? 2,
  });
}

function durationMs({ duration }: CapacityAnswer): number {
  assert.ok(duration.kind === 'measured', JSON.stringify(duration));
  return duration.ms;
}

function reasonOf({ duration }: CapacityAnswer): string {
  assert.ok(duration.kind === 'unknown', JSON.stringify(duration));
  return duration.reason;
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

  it('says since when it is back, and until when it was watched for that', () => {
    const back = [
      [1_000, 4],
      [3_000, 6],
    ] as const;
    const measured = { kind: 'measured', ms: 3_000, lowMs: 2_945, highMs: 3_055 } as const;
    const answer = { duration: measured, settled: true, capacityMonoMs: 13_000 };
    assert.deepEqual(answerOf(back), { ...answer, stableUntilMonoMs: 18_000 });
    assert.deepEqual(answerOf(back, { limitMs: 20_000 }), { ...answer, stableUntilMonoMs: 30_000 });
    assert.deepEqual(answerOf(back, { untilMs: 8_000 }), { ...answer, stableUntilMonoMs: 18_000 });
    assert.equal(durationMs(answerOf([...back, [3_500, 6]])), 3_000);
  });

  it('is open, with what is known so far, where more may come, and settled where nothing would help', () => {
    const loss = [1_000, 4] as const;
    const unknown = (settled: boolean, reason: string) => ({
      duration: { kind: 'unknown', reason },
      settled,
    });
    assert.deepEqual(answerOf([loss]), { duration: { kind: 'censored', atLeastMs: 60_000 }, settled: false });
    assert.deepEqual(answerOf([], { podsHit: 0 }), { duration: { kind: 'no-impact' }, settled: false });
    assert.deepEqual(
      answerOf([], { untilMs: 7_000.4 }),
      unknown(false, 'the API never noticed the loss of 2 replicas in 7000 ms'),
    );
    assert.deepEqual(
      answerOf([loss, [2_000, 6]], { untilMs: 6_999 }),
      unknown(false, 'all replicas are Ready, but not yet for long enough'),
    );
    assert.deepEqual(
      answerOf([loss], { before: 5 }),
      unknown(true, 'only 5 of 6 replicas were Ready before the fault'),
    );
    const question = { ...QUESTION, untilMonoMs: 70_000, watchUntilMonoMs: 0, podsHit: 2 };
    const change = (monoMs: number, ready: number, wanted = 6): CapacityChange => ({ monoMs, ready, wanted });
    assert.deepEqual(
      capacityRecovery([change(11_000, 4)], question),
      unknown(true, 'the watch had not seen the workload before the fault'),
    );
    assert.deepEqual(
      capacityRecovery([change(0, 0, 0)], question),
      unknown(true, 'no replica was wanted before the fault'),
    );
    const unordered = [change(13_000, 6), change(11_000, 4), change(0, 6)];
    assert.equal(durationMs(capacityRecovery(unordered, question)), 3_000);
  });

  it('counts what comes at the very end of a time, and nothing that comes after it', () => {
    const back = [
      [1_000, 4],
      [3_000, 6],
    ] as const;
    assert.equal(durationMs(answerOf([...back, [8_000, 5], [12_000, 6]])), 12_000);
    assert.equal(durationMs(answerOf([...back, [8_001, 5], [12_000, 6]])), 3_000);
    assert.equal(answerOf(back, { untilMs: 3_000 }).duration.kind, 'unknown');
    assert.equal(answerOf(back, { untilMs: 2_999 }).duration.kind, 'censored');
    // A loss that was there when the fault was asked for is not the fault's.
    assert.match(
      reasonOf(
        answerOf([
          [-20, 4],
          [3_000, 6],
        ]),
      ),
      /only 4 of 6/,
    );
    assert.equal(
      durationMs(
        answerOf([
          [-19, 4],
          [3_000, 6],
        ]),
      ),
      3_000,
    );
  });

  it('takes no less than no time, whatever the error', () => {
    const answer = answerOf([
      [-15, 4],
      [-5, 6],
    ]);
    assert.deepEqual(answer.duration, { kind: 'measured', ms: 0, lowMs: 0, highMs: 55 });
  });

  it('is lost by the fault alone: not by what was before it, and also after news that changed nothing', () => {
    const before = answerOf([
      [-9_000, 4],
      [-6_000, 6],
    ]);
    assert.match(reasonOf(before), /never noticed the loss of 2 replicas/);
    assert.match(reasonOf(answerOf([], { podsHit: 1 })), /never noticed the loss of 1 replicas/);
    const late = answerOf([
      [100, 6],
      [10_000, 4],
      [12_000, 6],
    ]);
    assert.equal(durationMs(late), 12_000);
  });

  it('is back with the one replica that is wanted, and not where none is wanted any more', () => {
    assert.equal(isMissing({ ready: 1, wanted: 1 }), false);
    assert.equal(isMissing({ ready: 0, wanted: 1 }), true);
    assert.equal(isMissing({ ready: 0, wanted: 0 }), true);
  });
});
