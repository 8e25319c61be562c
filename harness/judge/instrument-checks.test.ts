import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../core/journal/journal.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import type { Check } from './check.ts';
import { checkClocks, checkHarnessLag, checkProbeLateness } from './instrument-checks.ts';
import {
  at,
  EFFECTIVE_MS,
  mapEntries,
  REQUESTED_MS,
  synthesise,
  withEntries,
  type Timed,
} from './testing/synthetic-trial.ts';

const said = (check: Check, entries: readonly Entry[]) =>
  check.run(readTrial(entries)).map(({ reason }) => reason);
const besides = (check: Check, ...extra: readonly Timed[]) => said(check, withEntries(synthesise(), extra));
const lag = (sinceMs: number, lateMs: number): Timed =>
  at(EFFECTIVE_MS + sinceMs, { kind: 'harness.lag', lateMs });
const faultless = mapEntries(synthesise(), (entry) => (entry.kind.startsWith('fault.') ? undefined : entry));

test('a harness that was more than 250 ms late spoils the moment of the fault, and what is less is stated', () => {
  assert.deepEqual(besides(checkHarnessLag, lag(0, 250)), []);
  assert.deepEqual(besides(checkHarnessLag, lag(0, 251)), [
    'the harness had no CPU when the fault took effect: a timer came 251 ms late',
  ]);
  // It was over when the fault was asked for, or began when that had taken effect.
  assert.deepEqual(besides(checkHarnessLag, lag(-21, 400)), []);
  assert.deepEqual(besides(checkHarnessLag, lag(401, 400)), []);
  assert.equal(besides(checkHarnessLag, lag(400, 400)).length, 1);
});

test('a harness that stood still for more than a second has missed what came then, until all was decided', () => {
  assert.deepEqual(besides(checkHarnessLag, lag(5_000, 1_000)), []);
  assert.deepEqual(besides(checkHarnessLag, lag(5_000, 1_001)), [
    'the harness had no CPU: a timer came 1 s late',
  ]);
  // Users were back after 3.93 s and stayed for 5 s.
  assert.equal(besides(checkHarnessLag, lag(9_930, 1_001)).length, 1);
  assert.deepEqual(besides(checkHarnessLag, lag(9_932, 1_001)), []);
  const never = withEntries(synthesise({ outages: [[100, 1e9]] }), [lag(30_000, 1_001)]);
  assert.equal(said(checkHarnessLag, never).length, 1);
});

test('without a fault the time that counts begins with the first claim, and without one with the journal', () => {
  const unclaimed = mapEntries(faultless, (entry) => (entry.kind === 'slo.claim' ? undefined : entry));
  const atMs = (entries: readonly Entry[], sinceMs: number) =>
    said(checkHarnessLag, withEntries(entries, [lag(sinceMs, 2_000)])).length;
  assert.deepEqual([atMs(faultless, 29), atMs(faultless, 30)], [0, 1]);
  assert.equal(atMs(unclaimed, -5_000), 1);
  assert.deepEqual(said(checkHarnessLag, []), []);
});

test('a probe that was late itself says so, in the time that counts', () => {
  const late = (entries: readonly Entry[], fromMs: number, toMs: number) =>
    said(
      checkProbeLateness,
      mapEntries(entries, (entry) => {
        if (entry.kind !== 'probe.sample') return entry;
        const sinceMs = entry.dueMonoMs - EFFECTIVE_MS;
        return sinceMs >= fromMs && sinceMs <= toMs ? { ...entry, lateMs: 400 } : entry;
      }),
    );
  assert.match(
    late(synthesise(), 0, 9_000).join(),
    /^the probe of storefront had no CPU: .* more than 400 ms late$/,
  );
  assert.deepEqual(late(synthesise(), -9_000, -100), []);
  assert.deepEqual(late(synthesise(), 9_100, 40_000), []);
  assert.equal(late(faultless, 10_000, 40_000).length, 1);
  // Without a fault that is from the first of the claims on.
  const [claim] = faultless.filter((entry) => entry.kind === 'slo.claim');
  assert.ok(claim);
  const twice = withEntries(faultless, [{ ...claim, claimId: 'c2', atMs: EFFECTIVE_MS + 20_000 }]);
  assert.equal(late(twice, 0, 9_000).length, 1);
});

test('Unix time that steps by more than 100 ms is told of, forwards and backwards', () => {
  const stepped = (steppedMs: number) =>
    besides(checkClocks, at(EFFECTIVE_MS, { kind: 'clock.step', steppedMs }));
  assert.deepEqual([stepped(100), stepped(-100)], [[], []]);
  assert.deepEqual(stepped(101), ['Unix time stepped by 101 ms, or the machine was suspended']);
  assert.deepEqual(stepped(-101), ['Unix time stepped by -101 ms, or the machine was suspended']);
});

test('Unix time may drift by 500 parts per million beside a step of 100 ms, and no further', () => {
  const first = REQUESTED_MS - 12_000;
  const moved = (byMs: number) =>
    said(
      checkClocks,
      mapEntries(synthesise(), (entry) =>
        entry.monoMs - first >= 50_000 ? { ...entry, wallMs: entry.wallMs + byMs } : entry,
      ),
    );
  assert.deepEqual([moved(125), moved(-125)], [[], []]);
  assert.deepEqual(moved(130), ['Unix time moved by 130 ms against the monotonic clock']);
  assert.deepEqual(moved(-130), ['Unix time moved by -130 ms against the monotonic clock']);
  assert.deepEqual(said(checkClocks, []), []);
});

test('the clock of a probe is compared with what it was at first, each target with itself', () => {
  const clock = (sinceMs: number, target: string, offsetMs: number): Timed =>
    at(EFFECTIVE_MS + sinceMs, { kind: 'probe.clock', target, sameBoot: false, offsetMs, errorMs: 5 });
  assert.deepEqual(
    besides(checkClocks, clock(0, 'a', 0), clock(20_000, 'a', 110), clock(5_000, 'b', 900)),
    [],
  );
  assert.deepEqual(besides(checkClocks, clock(0, 'a', 50), clock(20_000, 'a', 161)), [
    'the clock of the probe of a moved by 111 ms against ours',
  ]);
  assert.deepEqual(besides(checkClocks, clock(0, 'a', 50), clock(20_000, 'a', -61)), [
    'the clock of the probe of a moved by -111 ms against ours',
  ]);
});
