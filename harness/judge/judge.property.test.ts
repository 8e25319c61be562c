import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '../core/journal/journal.ts';
import { judge } from './judge.ts';
import { expectAgreement, expectMonotone, expectPrinted, expectTimid } from './testing/random-trial.ts';
import { EFFECTIVE_MS, mapEntries, synthesise } from './testing/synthetic-trial.ts';

const flawless = synthesise({ watchedForMs: 25_000 });

/** Each of these is needed for a trial to be believed. */
const NEEDED = [
  'trial.started',
  'gate',
  'fault.requested',
  'fault.resolved',
  'fault.effective',
  'fault.reverted',
  'slo.claim',
  'probe.sample',
  'promql.series',
  'residue',
  'trial.ended',
] as const;

describe('a trial that held', () => {
  it('holds to begin with', () => assert.equal(judge(flawless).outcome, 'held'));

  for (const kind of NEEDED) {
    it(`does not hold without ${kind}`, () => {
      const poorer = mapEntries(flawless, (entry) => (entry.kind === kind ? undefined : entry));
      assert.notEqual(judge(poorer).outcome, 'held');
    });
  }

  it('does not hold when its journal is torn off anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: flawless.length - 1 }), (length) => {
        assert.notEqual(judge(flawless.slice(0, length)).outcome, 'held');
      }),
      { numRuns: 60 },
    );
  });

  it('does not hold when a quarter of a second of requests is missing from the time that has to be stable', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4_100, max: 9_000 }),
        fc.integer({ min: 6, max: 60 }),
        (fromMs, count) => {
          const untilMs = fromMs + count * 50;
          const poorer = mapEntries(flawless, (entry) => {
            const sinceMs = entry.kind === 'probe.sample' ? entry.dueMonoMs - EFFECTIVE_MS : -1;
            return sinceMs >= fromMs && sinceMs < untilMs ? undefined : entry;
          });
          assert.notEqual(judge(poorer).outcome, 'held');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not hold when any one line is lost, told twice or moved', () => {
    for (let index = 0; index < flawless.length; index++) {
      const [entry, next] = flawless.slice(index, index + 2);
      assert.ok(entry);
      const poorer = [flawless.toSpliced(index, 1), flawless.toSpliced(index, 0, entry)];
      if (next !== undefined) poorer.push(flawless.toSpliced(index, 2, next, entry));
      for (const lines of poorer) {
        const verdict = judge(lines);
        assert.equal(verdict.outcome, 'inconclusive', `${entry.kind} ${entry.seq}`);
        assert.match(verdict.reason, lines.at(-1) === entry || next ? /^line \d+ of/ : /never closed/);
      }
    }
  });
});

describe('more failures', () => {
  it('never turn a trial that was violated into one that held', () => {
    const violated = synthesise({ watchedForMs: 25_000, outages: [[100, 14_000]] });
    fc.assert(
      fc.property(fc.array(fc.nat(25_000), { maxLength: 30 }), (instants) => {
        assert.notEqual(judge(failAt(violated, instants)).outcome, 'held');
      }),
      { numRuns: 40 },
    );
  });

  it('never make the recovery of a trial shorter', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9_000), { maxLength: 10 }), (instants) => {
        const before = judge(flawless).recovery;
        const after = judge(failAt(flawless, instants)).recovery;
        assert.ok(before.kind === 'measured' && after.kind === 'measured');
        assert.ok(after.ms >= before.ms);
      }),
      { numRuns: 40 },
    );
  });
});

describe('of random trials (many more in judge.long.test.ts)', () => {
  it('what a matcher throws is what analyze says', () => {
    for (let seed = 1; seed <= 60; seed++) expectAgreement(seed);
  });

  it('a longer limit never turns held into violated', () => {
    for (let seed = 1; seed <= 300; seed++) expectMonotone(seed);
  });

  it('a gap of samples never makes an outcome bolder', () => {
    for (let seed = 1; seed <= 300; seed++) expectTimid(seed);
  });

  it('the bracket that is printed decides', () => {
    for (let seed = 1; seed <= 300; seed++) expectPrinted(seed);
  });
});

/** The requests nearest after these instants fail, too. */
function failAt(entries: readonly Entry[], instants: readonly number[]): Entry[] {
  return mapEntries(entries, (entry) => {
    if (entry.kind !== 'probe.sample') return entry;
    const sinceMs = entry.dueMonoMs - EFFECTIVE_MS;
    return instants.some((instant) => sinceMs >= instant && sinceMs < instant + 50)
      ? { ...entry, ok: false }
      : entry;
  });
}
