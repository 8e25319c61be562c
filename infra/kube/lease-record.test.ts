import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldRecord, judgeLease, microTime, releasedRecord, sight } from './lease-record.ts';
import type { Lease } from './objects.ts';

const lease = (spec?: Lease['spec'], resourceVersion = '1'): Lease => ({
  metadata: { name: 'leader', namespace: 'ns', resourceVersion },
  ...(spec && { spec }),
});
const held = (by: string, more: Lease['spec'] = {}) => lease({ holderIdentity: by, ...more });
const me = { identity: 'a', weWroteIt: true, leaseDurationMs: 4000 };
const NOW = '2026-12-01T00:00:00.000000Z';
const NOW_MS = Date.UTC(2026, 11, 1);

test('a lease counts from when its last change was seen, whatever it says of itself', () => {
  const first = sight(undefined, held('b'), 1000);
  assert.equal(first.unchangedSinceMonoMs, 1000);
  assert.equal(sight(first, held('b'), 2000).unchangedSinceMonoMs, 1000);
  assert.equal(sight(first, lease({ holderIdentity: 'b' }, '2'), 2000).unchangedSinceMonoMs, 2000);
  assert.equal(sight(first, lease({ holderIdentity: 'b' }, '2'), 2000).resourceVersion, '2');
  const bare = sight(undefined, {}, 1000);
  assert.equal(bare.resourceVersion, '');
  assert.equal(sight(bare, {}, 2000).unchangedSinceMonoMs, 1000);
  assert.equal(sight(first, held('c'), 1000).lease.spec?.holderIdentity, 'c');
});

test('a free lease and our own are taken, another one only once it was seen unchanged for as long as it lasts', () => {
  const judged = (of: Lease, nowMs: number, facts: Partial<typeof me> = {}) => {
    const { may, ...rest } = judgeLease(sight(undefined, of, 1000), { ...me, ...facts }, nowMs);
    return [may, ...(Object.values(rest) as unknown[])];
  };
  const cases: readonly (readonly [readonly unknown[], readonly unknown[]])[] = [
    [judged({}, 1000), ['take', 'free']],
    [judged(lease({}), 1000), ['take', 'free']],
    [judged(held(''), 1000), ['take', 'free']],
    [judged(held('a'), 1000), ['take', 'ours']],
    [judged(held('a'), 1000, { weWroteIt: false }), ['wait', 4000]],
    [judged(held('b'), 1000), ['wait', 4000]],
    [judged(held('b'), 1000, { leaseDurationMs: 500 }), ['wait', 500]],
    [judged(held('b'), 4999), ['wait', 1]],
    [judged(held('b'), 5000), ['take', 'expired']],
    [judged(held('b'), 5001), ['take', 'expired']],
    [judged(held('b', { leaseDurationSeconds: 2 }), 1000), ['wait', 4000]],
    [judged(held('b', { leaseDurationSeconds: 15 }), 5000), ['wait', 11_000]],
  ];
  for (const [answer, expected] of cases) assert.deepEqual(answer, expected);
});

test('the record of a holder names it, its time, and how often the holder changed', () => {
  const place = { namespace: 'ns', name: 'leader' };
  const written = (before: Lease | undefined, durationMs = 4000) =>
    heldRecord(before, place, 'a', durationMs, NOW_MS);
  const spec = {
    holderIdentity: 'a',
    leaseDurationSeconds: 4,
    acquireTime: NOW,
    renewTime: NOW,
    leaseTransitions: 0,
  };
  const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
  assert.deepEqual(written(undefined), { ...kind, metadata: place, spec });
  const { metadata } = lease();
  assert.deepEqual(written(lease()), { ...kind, metadata, spec: { ...spec, leaseTransitions: 1 } });
  assert.deepEqual(written(held('b', { leaseTransitions: 7, strategy: 'kept' })), {
    ...{ ...kind, metadata },
    spec: { ...spec, leaseTransitions: 8, strategy: 'kept' },
  });
  const earlier = '2026-11-30T00:00:00.000000Z';
  assert.deepEqual(written(held('a', { leaseTransitions: 7, acquireTime: earlier })).spec, {
    ...{ ...spec, leaseTransitions: 7 },
    acquireTime: earlier,
  });
  assert.equal(written(held('a')).spec.acquireTime, NOW);
  assert.equal(written({ spec: { holderIdentity: 'b' } }).metadata?.name, 'leader');
  assert.equal(written(undefined, 4001).spec.leaseDurationSeconds, 5);
});

test('a lease that is given up names nobody and lasts no longer than a second', () => {
  const before = held('a', { leaseTransitions: 7, leaseDurationSeconds: 4 });
  assert.deepEqual(releasedRecord(before, NOW_MS), {
    metadata: before.metadata,
    spec: { holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 7, renewTime: NOW },
  });
  assert.equal(releasedRecord({}, NOW_MS).spec?.holderIdentity, '');
  assert.equal(microTime(NOW_MS + 1), '2026-12-01T00:00:00.001000Z');
});
