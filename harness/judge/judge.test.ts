import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { judge } from './judge.ts';
import { checkLateImpact } from './late-impact.ts';
import { EFFECTIVE_MS, mapEntries, synthesise } from './testing/synthetic-trial.ts';

it('a trial without a fault crashes no check', () => {
  const faultless = mapEntries(synthesise(), (entry) =>
    entry.kind.startsWith('fault.') ? undefined : entry,
  );
  const crashed = judge(faultless).findings.filter(({ reason }) => /crashed/.test(reason));
  assert.deepEqual(crashed, []);
  assert.deepEqual(checkLateImpact.run(readTrial(faultless)), []);
});

describe('a trial that held', () => {
  const verdict = judge(synthesise());

  it('is held, as expected, and says by how much', () => {
    assert.equal(verdict.outcome, 'held', JSON.stringify(verdict.findings, null, 1));
    assert.equal(verdict.asExpected, true);
    assert.match(
      verdict.reason,
      /restored after node\.power-off: 3\.9\d s \(3\.8\d to 3\.9\d\) \(probe\), between .* \(PromQL\); allowed 10 s/,
    );
  });

  it('measures recovery and capacity from the moment the fault took effect', () => {
    assert.ok(verdict.recovery.kind === 'measured' && Math.abs(verdict.recovery.ms - 3_900) <= 100);
    assert.ok(verdict.capacity.kind === 'measured' && Math.abs(verdict.capacity.ms - 5_600) <= 100);
  });

  it('has its marks in order, each with its observer', () => {
    assert.deepEqual(
      verdict.marks.map((mark) => [mark.name, mark.seenBy]),
      [
        ['requested', 'harness'],
        ['effective', 'kubelet'],
        ['restored', 'probe'],
        ['capacity', 'watch'],
        ['reverted', 'trial'],
      ],
    );
    assert.equal(verdict.marks[1]?.monoMs, EFFECTIVE_MS);
  });

  it('carries what a reader needs to run it again and to compare it', () => {
    assert.equal(verdict.again, 'npm test -- scenarios/node-loss --seed 7141');
    assert.deepEqual([verdict.runSeed, verdict.seed], [7141, 2_944_117]);
    assert.deepEqual(verdict.deviations, ['scrape interval 1 s instead of 15 s']);
    assert.deepEqual(
      verdict.targets.map((target) => target.name),
      ['node-2'],
    );
    assert.ok(
      verdict.requests.total > 900 && verdict.requests.failed === 76,
      JSON.stringify(verdict.requests),
    );
  });
});

describe('a trial of more requests than a stack has room for', () => {
  it('is judged as a short one is', () => {
    const verdict = judge(synthesise({ periodMs: 10, watchedForMs: 1_500_000 }));
    assert.equal(verdict.outcome, 'held', verdict.reason);
    assert.ok(verdict.requests.total > 150_000);
  });
});

describe('a journal that proves nothing', () => {
  const damaged = judge(synthesise({ started: { expected: 'inconclusive', control: true } }).toSpliced(9, 1));

  it('has a verdict that says whose it is and why, and judges and measures nothing', () => {
    const reason = 'line 10 of the journal: 1 line is missing before it (seq 10, expected 9)';
    assert.deepEqual(damaged.findings, [{ check: 'journal', outcome: 'inconclusive', reason }]);
    const unknown = { kind: 'unknown', reason };
    assert.deepEqual([damaged.recovery, damaged.capacity, damaged.marks], [unknown, unknown, []]);
    assert.deepEqual([damaged.outcome, damaged.reason], ['inconclusive', reason]);
    const { trialId, runId, scenario, seed, runSeed, control, cluster } = damaged;
    assert.deepEqual(
      [trialId, runId, scenario, seed, runSeed, control],
      ['t1', 'r1', 'node-loss', 2_944_117, 7141, true],
    );
    assert.deepEqual(cluster, { name: 'c1', provider: 'synthetic', kubernetesVersion: '1.36.3', uid: 'u1' });
  });

  it('is never as expected, also where an inconclusive one was', () => {
    assert.deepEqual([damaged.expected, damaged.asExpected], ['inconclusive', false]);
    const { failed, total } = damaged.requests;
    assert.ok(failed === 76 && total > 900, JSON.stringify(damaged.requests));
  });

  it('says that nothing is known of it where it does not say whose it is', () => {
    const { trialId, runId, scenario, title, seed, control, expected, again, cluster, requests } = judge([]);
    assert.deepEqual([trialId, runId, scenario, title], Array(4).fill('unknown'));
    assert.deepEqual(Object.values(cluster), Array(4).fill('unknown'));
    assert.deepEqual([seed, control, expected, again], [0, false, 'held', '']);
    assert.deepEqual(requests, { total: 0, failed: 0 });
  });
});

it('a verdict says whether its journal carries digests, and the last of them', () => {
  const told = (digest?: string) =>
    judge(
      mapEntries(synthesise(), (entry) =>
        entry.kind === 'trial.started' && digest !== undefined ? { ...entry, schema: 2 } : entry,
      ),
      digest === undefined ? {} : { digest },
    ).findings.at(-1)?.reason;
  assert.match(told() ?? '', /^its \d+ lines are whole and in order, and carry no digests/);
  assert.match(told('abc') ?? '', /lines are whole and in order; the last digest is abc$/);
});
