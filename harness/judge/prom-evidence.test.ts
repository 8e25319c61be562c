import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryOf, PromProblem } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { problemWithin, promEvidence, whyUnanswered } from './prom-evidence.ts';

const QUERY = 'sum(rate(good[4s])) / sum(rate(all[4s]))';
const CLAIM: EntryOf<'slo.claim'> = {
  ...{ kind: 'slo.claim', claimId: 'c1', claim: 'recover-within', sloId: 'available', query: QUERY },
  ...{ bound: { atLeast: 0.99 }, stableForMs: 5_000, seq: 0, monoMs: 0, wallMs: 0 },
};

type Answer = Partial<EntryOf<'promql.series'>>;

/** A trial in which Prometheus answered this, one after the other. */
function answered(...answers: readonly Answer[]) {
  const told = answers.map((answer, seq): Entry => ({
    ...{ kind: 'promql.series', sloId: 'available', query: QUERY, points: [] },
    ...{ startWallMs: 0, endWallMs: 10_000, stepMs: 1_000, scrapeIntervalMs: 1_000, windowMs: 4_000 },
    ...{ seq, monoMs: seq, wallMs: seq },
    ...answer,
  }));
  return readTrial(told);
}

const pointsOf = (...answers: readonly Answer[]) => promEvidence(answered(...answers), CLAIM)?.points;

test('a later answer for the same instant replaces an earlier one, and instants are in order', () => {
  const points = pointsOf({ points: [[2_000, 0.5]] }, { points: [[1_000, 0.9]] }, { points: [[2_000, 1]] });
  assert.deepEqual(points, [
    [1_000, 0.9],
    [2_000, 1],
  ]);
});

test('steps without an answer have no value, from the first to the last of them', () => {
  const since = (lastMs: number) =>
    pointsOf({
      points: [
        [1_000, 1],
        [lastMs, 1],
      ],
    });
  assert.equal(since(2_500)?.length, 2);
  assert.deepEqual(since(2_501)?.slice(1, 3), [
    [2_000, null],
    [1_501, null],
  ]);
  assert.deepEqual(since(5_000), [
    [1_000, 1],
    [2_000, null],
    [4_000, null],
    [5_000, 1],
  ]);
});

test('an answer looks back as far as any of them says, and as its query does', () => {
  const windowOf = (...windows: readonly number[]) =>
    promEvidence(answered(...windows.map((windowMs) => ({ windowMs }))), CLAIM)?.windowMs;
  assert.deepEqual([windowOf(9_000, 5_000), windowOf(5_000, 9_000), windowOf(1_000)], [9_000, 9_000, 4_000]);
});

test('scrapes and steps are those of the last answer', () => {
  const evidence = promEvidence(
    answered({ stepMs: 500, scrapeIntervalMs: 500 }, { stepMs: 2_000, scrapeIntervalMs: 3_000 }),
    CLAIM,
  );
  assert.deepEqual([evidence?.stepMs, evidence?.scrapeIntervalMs], [2_000, 3_000]);
});

test('a problem stands unless a later query over all of its time had none', () => {
  const stale = { name: 'stale', message: 'told no more', fromWallMs: 2_000, toWallMs: 4_000 } as const;
  const standing = (later: Answer, problem: PromProblem = stale) =>
    promEvidence(answered({ problem }, later), CLAIM)?.problems.length;
  assert.equal(promEvidence(answered({ problem: stale }), CLAIM)?.problems.length, 1);
  assert.equal(promEvidence(answered({}, { problem: stale }), CLAIM)?.problems.length, 1);
  assert.equal(standing({ startWallMs: 2_000, endWallMs: 4_000 }), 0);
  assert.equal(standing({ startWallMs: 2_001, endWallMs: 4_000 }), 1);
  assert.equal(standing({ startWallMs: 2_000, endWallMs: 3_999 }), 1);
  assert.equal(standing({ startWallMs: 0, endWallMs: 9_000, problem: stale }), 2);
  assert.equal(standing({}, { ...stale, name: 'prometheus-restarted' }), 1);
  const whole = { name: 'stale', message: 'told no more' } as const;
  assert.deepEqual(
    promEvidence(answered({ startWallMs: 5, endWallMs: 7, problem: whole }), CLAIM)?.problems,
    [{ ...whole, fromWallMs: 5, toWallMs: 7 }],
  );
});

test('a problem lies within a time that it touches', () => {
  const stale = { name: 'stale', message: '', fromWallMs: 2_000, toWallMs: 4_000 } as const;
  const evidence = promEvidence(answered({ problem: stale }), CLAIM);
  assert.ok(evidence);
  const isWithin = (fromMs: number, toMs: number) => problemWithin(evidence, fromMs, toMs) !== undefined;
  assert.deepEqual(
    [isWithin(0, 2_000), isWithin(0, 1_999), isWithin(4_000, 9_000), isWithin(4_001, 9_000)],
    [true, false, true, false],
  );
});

test('what was never asked is no evidence, nor what was asked under the same name, or means nothing', () => {
  const said = (claim: EntryOf<'slo.claim'>, ...answers: readonly Answer[]) => {
    const facts = answered(...answers);
    assert.equal(promEvidence(facts, claim), undefined);
    return whyUnanswered(facts, claim);
  };
  assert.equal(said(CLAIM), 'its query was never answered');
  assert.equal(said(CLAIM, { sloId: 'other' }), 'its query was never answered');
  assert.match(said(CLAIM, { query: 'up' }), /under "available" are answers to another question/);
  const good = { ...CLAIM, query: 'min(up) or vector(1)' };
  assert.match(said(good, { query: good.query }), /when no series is there, the value is 1/);
  const recorded = { ...CLAIM, query: 'slo:good:ratio' };
  const unknown = { name: 'rule-unknown', message: 'two rules record it' } as const;
  assert.match(said(recorded, { query: recorded.query }), /slo:good:ratio is recorded by a rule/);
  assert.equal(
    said({ ...recorded }, { query: recorded.query, problem: unknown }),
    'rule-unknown: two rules record it',
  );
});
