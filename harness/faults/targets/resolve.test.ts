import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FiredrillError } from '../../core/errors.ts';
import type { TargetMode } from '../../core/faults/fault.ts';
import { createRng } from '../../core/seed.ts';
import { resolveTarget } from './resolve.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';

function snapshotOf(zones: readonly string[]): ClusterSnapshot {
  const nodes = zones.map((zone, index) => ({
    name: `node-${index}`,
    uid: `uid-${index}`,
    zone,
    role: 'worker' as const,
    labels: { disk: index % 2 === 0 ? 'ssd' : 'hdd' },
    ready: true,
  }));
  const pods = nodes.map((node, index) => ({
    namespace: 'shop',
    name: `web-${index}`,
    uid: `uid-web-${index}`,
    labels: { app: 'web' },
    node: node.name,
    ready: true,
  }));
  return { nodes, pods, granted: true, healerLeaderNode: 'node-1' };
}
const threeZones = snapshotOf(['z1', 'z1', 'z2', 'z2', 'z3', 'z3']);
const hosting = (mode: TargetMode) => ({ kind: 'node', hosting: 'app=web', mode }) as const;

test('the same seed hits the same targets, whatever the order of the API is answer', () => {
  fc.assert(
    fc.property(fc.nat(), fc.shuffledSubarray([...threeZones.nodes], { minLength: 6 }), (seed, nodes) => {
      const first = resolveTarget(hosting('one'), threeZones, createRng(seed));
      const second = resolveTarget(hosting('one'), { ...threeZones, nodes }, createRng(seed));
      assert.deepEqual(first.targets, second.targets);
    }),
  );
});

test('every candidate is hit under some seed', () => {
  const hit = new Set<string>();
  for (let seed = 0; seed < 200; seed++)
    for (const target of resolveTarget(hosting('one'), threeZones, createRng(seed)).targets)
      hit.add(target.name);
  assert.equal(hit.size, 6);
});

test('several targets are spread over the zones before a zone gives a second one', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { targets } = resolveTarget(hosting({ fixed: 3 }), threeZones, createRng(seed));
      assert.equal(new Set(targets.map((target) => target.zone)).size, 3);
    }),
  );
});

test('modes take what they say', () => {
  const count = (mode: TargetMode, seed = 1): number =>
    resolveTarget(hosting(mode), threeZones, createRng(seed)).targets.length;
  assert.equal(count('one'), 1);
  assert.equal(count('all'), 6);
  assert.equal(count({ fixed: 4 }), 4);
  assert.equal(count({ fixed: 40 }), 6);
  assert.equal(count({ fixedPercent: 50 }), 3);
  const random = new Set(Array.from({ length: 100 }, (_, seed) => count({ randomMaxPercent: 50 }, seed)));
  assert.deepEqual([...random].sort(), [0, 1, 2, 3]);
});

test('selectors narrow each other, and the leader can be hit or avoided', () => {
  const one = (target: object): string | undefined =>
    resolveTarget({ kind: 'node', mode: 'all', ...target }, threeZones, createRng(1))
      .targets.map((t) => t.name)
      .join();
  assert.equal(one({ hosting: 'app=web', labels: 'disk=ssd' }), 'node-0,node-2,node-4');
  assert.equal(one({ labels: 'disk=ssd', names: ['node-0', 'node-1'] }), 'node-0');
  assert.equal(one({ hosting: 'app=web', healerLeader: true }), 'node-1');
  assert.ok(!one({ hosting: 'app=web', healerLeader: false })?.includes('node-1'));
  assert.equal(one({ labels: 'disk', sparing: 'app=web' }), '');
});

test('the journal learns whether the leader was hit, and the share of the workload', () => {
  const hit = resolveTarget(
    { kind: 'node', names: ['node-1'], hosting: 'app=web', mode: 'one' },
    threeZones,
    createRng(1),
  );
  assert.deepEqual([hit.leaderHit, hit.podsHit, hit.podsTotal], [true, 1, 6]);
  const missed = resolveTarget(
    { kind: 'node', names: ['node-0'], hosting: 'app=web', mode: 'one' },
    threeZones,
    createRng(1),
  );
  assert.equal(missed.leaderHit, false);
});

test('an empty selector is refused, never everything', () => {
  for (const target of [
    { kind: 'node', mode: 'all' },
    { kind: 'node', hosting: '', mode: 'all' },
    { kind: 'pod', labels: ' ', mode: 'all' },
  ] as const)
    assert.throws(
      () => resolveTarget(target, threeZones, createRng(1)),
      (error) => error instanceof FiredrillError && error.code === 'target.empty-selector',
    );
});

test('pods are chosen by label and namespace, spread over nodes', () => {
  const snapshot: ClusterSnapshot = {
    ...threeZones,
    pods: [
      ...threeZones.pods,
      ...threeZones.pods.map((pod) => ({ ...pod, namespace: 'other', uid: `${pod.uid}-o` })),
    ],
  };
  const { targets, podsTotal } = resolveTarget(
    { kind: 'pod', namespace: 'other', labels: 'app=web', mode: { fixed: 3 } },
    snapshot,
    createRng(1),
  );
  assert.equal(podsTotal, 6);
  assert.deepEqual([...new Set(targets.map((target) => target.namespace))], ['other']);
  assert.equal(new Set(targets.map((target) => target.node)).size, 3);
});
