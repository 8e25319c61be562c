import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../core/given.ts';
import { readTrial } from '../core/recovery/trial-facts.ts';
import { EFFECTIVE_MS, mapEntries, synthesise } from './testing/synthetic-trial.ts';
import { endOfFault, saysEnd } from './undone.ts';

/** A fault that was gone 10 s after its effect; absent: it still lasts. */
function fault(by: 'trial' | 'expiry' | undefined, durationMs?: number) {
  const entries = mapEntries(synthesise(), (entry) => {
    if (entry.kind === 'fault.requested') return { ...entry, fault: given({ ...entry.fault, durationMs }) };
    if (entry.kind !== 'fault.reverted') return entry;
    return by === undefined ? undefined : { ...entry, by, monoMs: EFFECTIVE_MS + 10_000 };
  });
  return readTrial(entries).injections[0]!;
}

test('users who came back with the end of a fault, or at most 100 ms before it, came back by that', () => {
  const lasting = fault('trial');
  assert.deepEqual(
    [9_899, 9_900, 12_000].map((ms) => endOfFault(lasting, ms)),
    [undefined, 'undone', 'undone'],
  );
  // Counted from an impact before the effect was proven.
  assert.equal(endOfFault(lasting, 10_000, EFFECTIVE_MS - 1_000), undefined);
  assert.equal(endOfFault(lasting, 10_900, EFFECTIVE_MS - 1_000), 'undone');
});

test('only a fault that was to end by itself, and did, has ended; every other was undone', () => {
  assert.equal(endOfFault(fault('expiry', 10_000), 12_000), 'ended');
  assert.equal(endOfFault(fault('trial', 10_000), 12_000), 'undone');
  assert.equal(endOfFault(fault('expiry'), 12_000), 'undone');
  assert.equal(endOfFault(fault(undefined), 12_000), undefined);
});

test('what is said of it has the time since the effect and who undid it', () => {
  assert.equal(
    saysEnd(fault('expiry', 10_000), 'ended'),
    'users came back when the fault itself had ended, after 10 s',
  );
  assert.equal(
    saysEnd(fault('trial'), 'undone'),
    'but node.power-off was undone by the trial after 10 s, and nobody was seen to recover before',
  );
});
