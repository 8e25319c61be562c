import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { findingOf, judge } from './judge.ts';
import { at, EFFECTIVE_MS, synthesise, withEntries, type Story } from './testing/synthetic-trial.ts';

const TOO_LONG: Story = { outages: [[100, 12_000]] };

/** A trial on a machine of which this is told every second from the fault on, and that of an idle one before. */
function on(machine: { runnablePerCore?: number; stolenShare?: number }, story: Story, fromS = 0): Entry[] {
  const told = Array.from({ length: 40 }, (_, second) => {
    const starved = second >= fromS ? machine : {};
    const usual = { overMs: 1_000, runnablePerCore: 0.8, stolenShare: 0, stalledShares: { cpu: 0.3 } };
    return at(EFFECTIVE_MS + second * 1_000, { kind: 'host.pressure', ...usual, ...starved });
  });
  return withEntries(synthesise(story), told);
}

test('what took too long on a machine without a processor to spare is inconclusive, with the figure', () => {
  const busy = judge(on({ runnablePerCore: 18 }, TOO_LONG));
  assert.equal(busy.outcome, 'inconclusive');
  assert.match(
    busy.reason,
    /but the machine was starved: 18\.0 threads wanted each of its processors over 1\d s/,
  );
  const robbed = judge(on({ stolenShare: 0.5 }, TOO_LONG));
  assert.equal(robbed.outcome, 'inconclusive');
  assert.match(robbed.reason, /other virtual machines had 50 % of its processors/);
});

test('on a machine with processors to spare it is violated, and what was in time is held on any', () => {
  assert.equal(judge(on({ runnablePerCore: 12, stolenShare: 0.05 }, TOO_LONG)).outcome, 'violated');
  assert.equal(judge(on({ runnablePerCore: 18 }, { outages: [[100, 2_000]] })).outcome, 'held');
});

test('a machine that is starved only after the limit excuses nothing, while the trial runs and after it', () => {
  // What is told at 11 s is of the second that begins with the limit.
  const entries = on({ runnablePerCore: 300 }, TOO_LONG, 11);
  assert.equal(judge(entries).outcome, 'violated');
  const claim = entries.find((entry) => entry.kind === 'slo.claim');
  assert.equal(findingOf(entries, claim?.claimId ?? '', Number.POSITIVE_INFINITY)?.outcome, 'violated');
});

test('a harness that stood still within the limit has missed what may have been in time', () => {
  const stood = at(EFFECTIVE_MS + 5_000, { kind: 'harness.lag', lateMs: 1_500 });
  const verdict = judge(withEntries(synthesise(TOO_LONG), [stood]));
  assert.equal(verdict.outcome, 'inconclusive');
  assert.match(verdict.reason, /but the harness had no CPU: a timer came 1\.5 s late/);
  const after = at(EFFECTIVE_MS + 20_000, { kind: 'harness.lag', lateMs: 1_500 });
  assert.equal(judge(withEntries(synthesise(TOO_LONG), [after])).outcome, 'violated');
});
