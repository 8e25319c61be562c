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
