import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import { given } from '../../harness/core/given.ts';
import type { NodeObject } from '../cluster/objects.ts';
import { calmFleet, deadNode, policy, self } from '../testing/facts.ts';
import { NodeBench } from '../testing/node-bench.ts';
import { foreignMarkerOf } from '../node/observe.ts';
import { planNode } from '../node/plan.ts';
import { FOREIGN_MARKS, type ForeignMark } from './foreign-remediators.ts';

/** What of a node shows the mark. */
function marked({ kind, key, values: [value = 'some'] = [] }: ForeignMark) {
  return {
    ...(kind === 'label' ? { labels: { [key]: value } } : {}),
    ...(kind === 'annotation' ? { annotations: { [key]: value } } : {}),
    spec: kind === 'taint' ? { taints: [{ key, value, effect: 'NoSchedule' }] } : {},
  };
}

function nodeWith(more: {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec: NonNullable<NodeObject['spec']>;
}): NodeObject {
  const { spec, ...metadata } = more;
  return { metadata: { name: 'node-1', uid: 'uid', resourceVersion: '1', ...metadata }, spec };
}

for (const mark of FOREIGN_MARKS) {
  test(`${mark.by}: a node with its ${mark.kind} ${mark.key} is held, and is no failure of the fleet`, async () => {
    const foreignMarker = foreignMarkerOf(nodeWith(marked(mark)), policy);
    assert.equal(
      foreignMarker?.detail,
      `${mark.kind} ${[mark.key, ...(mark.values?.slice(0, 1) ?? [])].join('=')}`,
    );
    const plan = planNode({ ...deadNode, ...given({ foreignMarker }) }, calmFleet, self, policy);
    assert.deepEqual(
      plan.guards.filter(({ ok }) => !ok).map(({ guard }) => guard),
      ['mark'],
    );
    // Of four nodes two are off: with the marked one among the failures, too few would be healthy.
    const bench = new NodeBench({ policy: { minimumHealthyPercent: 60 } });
    await bench.calm(4, (name) => (name === 'n1' ? marked(mark) : {}));
    bench.losePower('n1');
    bench.losePower('n2');
    await bench.until(30);
    assert.deepEqual([bench.records.asked('powerOff', 'n1'), bench.records.asked('powerOff', 'n2')], [0, 1]);
  });
}

test('a mark whose value says that nobody is at work holds nothing', () => {
  for (const mark of FOREIGN_MARKS.filter(({ values }) => values !== undefined)) {
    const idle = { ...mark, values: ['Done'] };
    assert.equal(foreignMarkerOf(nodeWith(marked(idle)), policy), undefined, mark.key);
  }
});

test('what a cloud says of a machine that we have powered off ends no treatment', () => {
  const taints = [{ key: 'node.cloudprovider.kubernetes.io/shutdown', effect: 'NoSchedule' }];
  const annotations = { [REMEDIATION_ANNOTATION]: '{}' };
  assert.equal(foreignMarkerOf(nodeWith({ spec: { taints } }), policy)?.rule, 'foreign-taint');
  assert.equal(foreignMarkerOf(nodeWith({ annotations, spec: { taints } }), policy), undefined);
});

test('every mark is told with a source that is open to everybody, and once', () => {
  for (const { source } of FOREIGN_MARKS) assert.match(source, /^(https:\/\/\S+|healers\/README\.md)$/);
  assert.equal(new Set(FOREIGN_MARKS.map(({ kind, key }) => `${kind} ${key}`)).size, FOREIGN_MARKS.length);
});
