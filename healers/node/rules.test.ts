import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attemptName } from '../incident/remediation.ts';
import { applyJsonPatch } from '../cluster/json-patch.ts';
import type { NodeObject, PodObject } from '../cluster/objects.ts';
import { policy, UID } from '../testing/facts.ts';
import { kubeletAddress, foreignMarkerOf, movingView, nodeFacts, podFacts } from './observe.ts';
import { advancePatch, beginPatch, cancelPatch, forgetPatch } from './patches.ts';
import { REMEDIATION_ANNOTATION } from '../cluster/nodes.ts';
import {
  formatRemediation,
  OPT_OUT_LABEL,
  parseRemediation,
  PHASES,
  type NodeRemediation,
} from './remediation.ts';

const remediation: NodeRemediation = {
  attempt: attemptName('node-1', UID, 1, 0),
  phase: 'fencing',
  cordonOurs: true,
  startedAtMs: 1,
  phaseAtMs: 2,
  rule: 'node-silent',
};

test('a record reads back as it was written, in every phase', () => {
  for (const phase of PHASES) {
    const record = { ...remediation, phase, replacement: 'node-9' };
    assert.deepEqual(parseRemediation(formatRemediation(record)), record);
  }
});

test('anything else in the annotation is unreadable, never a record', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ minLength: 1 }), fc.json()), (text) => {
      assert.ok(['unreadable', undefined].includes(parseRemediation(text) as string | undefined));
    }),
  );
  assert.equal(parseRemediation(JSON.stringify({ ...remediation, phase: 'dancing' })), 'unreadable');
});

function node(more: Partial<NodeObject['metadata']> = {}, spec: NodeObject['spec'] = {}): NodeObject {
  return { metadata: { name: 'node-1', uid: UID, resourceVersion: '7', ...more }, spec };
}

test('cordon and record are one write, held to the very node that was planned for', () => {
  const marked = applyJsonPatch(node(), beginPatch(node(), remediation));
  assert.equal(marked.spec?.unschedulable, true);
  assert.deepEqual(parseRemediation(marked.metadata.annotations?.[REMEDIATION_ANNOTATION]), remediation);
  assert.throws(
    () => applyJsonPatch(node({ resourceVersion: '8' }), beginPatch(node(), remediation)),
    /test/,
  );
  assert.throws(() => applyJsonPatch(node({ uid: 'other' }), beginPatch(node(), remediation)), /test/);
});

test("a person's cordon is not set again, so that it is never taken for ours", () => {
  const patch = beginPatch(node({}, { unschedulable: true }), { ...remediation, cordonOurs: false });
  assert.ok(!patch.some(({ path }) => path === '/spec/unschedulable'));
});

test('other annotations and taints survive every patch', () => {
  const theirs = { key: 'dedicated', effect: 'NoSchedule' };
  let now = node({ annotations: { 'a/b': 'c' } }, { taints: [theirs] });
  now = applyJsonPatch(now, beginPatch(now, remediation));
  now = applyJsonPatch(
    now,
    advancePatch(now, { ...remediation, phase: 'replacing' }, true, Date.parse('2026-11-22T10:00:00.789Z')),
  );
  assert.deepEqual(now.spec?.taints, [
    theirs,
    {
      key: 'node.kubernetes.io/out-of-service',
      value: 'nodeshutdown',
      effect: 'NoExecute',
      timeAdded: '2026-11-22T10:00:00Z',
    },
  ]);
  assert.deepEqual(
    advancePatch(now, remediation, true, 0).filter(({ path }) => path === '/spec/taints'),
    [],
  );
  now = applyJsonPatch(now, cancelPatch(now, remediation, undefined));
  assert.deepEqual(now.spec, { taints: [theirs] });
  assert.deepEqual(now.metadata.annotations, { 'a/b': 'c' });
});

test("calling off leaves a person's cordon and, if asked, a record of it", () => {
  const cordoned = node({ annotations: { [REMEDIATION_ANNOTATION]: 'x' } }, { unschedulable: true });
  const kept = { ...remediation, cordonOurs: false, phase: 'cancelled' } as const;
  const after = applyJsonPatch(cordoned, cancelPatch(cordoned, { ...remediation, cordonOurs: false }, kept));
  assert.equal(after.spec?.unschedulable, true);
  assert.deepEqual(parseRemediation(after.metadata.annotations?.[REMEDIATION_ANNOTATION]), kept);
  assert.deepEqual(applyJsonPatch(after, forgetPatch(after)).metadata.annotations, {});
});

test('markers of others keep us off', () => {
  const marks: readonly (readonly [string, NodeObject])[] = [
    ['opt-out', node({ labels: { [OPT_OUT_LABEL]: 'true' } })],
    ['control-plane', node({ labels: { 'node-role.kubernetes.io/control-plane': '' } })],
    ['foreign-taint', node({}, { taints: [{ key: 'karpenter.sh/disrupted', effect: 'NoSchedule' }] })],
    [
      'foreign-taint',
      node({}, { taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }] }),
    ],
    ['foreign-annotation', node({ annotations: { 'weave.works/kured-reboot-in-progress': 'yes' } })],
  ];
  for (const [rule, marked] of marks) assert.equal(foreignMarkerOf(marked, policy)?.rule, rule);
  const limited = { ...policy, onlyNodes: 'pool=drill,tier!=gold' };
  assert.equal(foreignMarkerOf(node(), limited)?.rule, 'outside-allowed');
  assert.equal(
    foreignMarkerOf(node({ labels: { pool: 'drill', tier: 'gold' } }), limited)?.rule,
    'outside-allowed',
  );
  assert.equal(foreignMarkerOf(node({ labels: { pool: 'drill' } }), limited), undefined);
  assert.equal(foreignMarkerOf(node({ labels: { [OPT_OUT_LABEL]: 'false' } }), policy), undefined);
  assert.equal(foreignMarkerOf(node(), policy), undefined);
});

test('a record that we cannot read is a marker of somebody else', () => {
  const seen = { wallMs: 0, seenReady: true, kubelet: { failuresInRow: 0 }, live: true };
  const facts = nodeFacts(node({ annotations: { [REMEDIATION_ANNOTATION]: '{"by":"hand"}' } }), seen, policy);
  assert.equal(facts.foreignMarker?.rule, 'unreadable-record');
  assert.equal(facts.remediation, undefined);
});

test('the kubelet is asked at the internal address and the port that the node names', () => {
  const addresses = [
    { type: 'ExternalIP', address: '8.8.8.8' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: 10_255 } } };
  assert.deepEqual(kubeletAddress({ ...node(), status }), { address: '10.0.0.1', port: 10_255 });
  assert.deepEqual(kubeletAddress({ ...node(), status: { addresses: [] } }), undefined);
});

function pod(more: Partial<PodObject['metadata']>, rest: Omit<PodObject, 'metadata'> = {}): PodObject {
  return { metadata: { name: 'p', namespace: 'shop', uid: 'u', resourceVersion: '1', ...more }, ...rest };
}

test('pods that stay, that are critical, and that are gone already are told apart', () => {
  const owner = (kind: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'o', uid: 'o', controller: true }],
  });
  const facts = (each: PodObject) => podFacts(each, 'firedrill-system', { failing: false });
  assert.equal(facts(pod({ annotations: { 'kubernetes.io/config.mirror': 'x' } })).stays, 'mirror');
  assert.equal(facts(pod(owner('DaemonSet'))).stays, 'daemonset');
  assert.equal(facts(pod(owner('ReplicaSet'))).stays, undefined);
  assert.equal(facts(pod({}, { status: { phase: 'Succeeded' } })).stays, 'finished');
  assert.equal(
    facts(pod({}, { spec: { containers: [], priorityClassName: 'system-node-critical' } })).critical,
    true,
  );
  assert.equal(facts(pod({ namespace: 'firedrill-system' })).critical, true);
  assert.equal(facts(pod({ deletionTimestamp: 'x', deletionGracePeriodSeconds: 30 })).forced, false);
  assert.equal(facts(pod({ deletionTimestamp: 'x', deletionGracePeriodSeconds: 0 })).forced, true);
});

const SET = { apiVersion: 'apps/v1', kind: 'ReplicaSet', controller: true };

test('moved pods are counted by their owners, wherever they are', () => {
  const made = (uid: string, ready: string, more: object = {}) =>
    pod(
      { uid, ownerReferences: [{ ...SET, name: 'o', uid: 'o' }], ...more },
      { status: { phase: 'Pending', conditions: [{ type: 'Ready', status: ready }] } },
    );
  const stuck: PodObject = {
    ...made('c', 'False'),
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    },
  };
  const pods = [
    made('a', 'True'),
    made('b', 'False'),
    stuck,
    made('leaving', 'False', { deletionTimestamp: 'x' }),
    made('foreign', 'False', {
      ownerReferences: [{ ...SET, name: 'x', uid: 'x' }],
    }),
  ];
  assert.deepEqual(movingView(pods, new Set(['o']), 10), { sinceMs: 10, unready: 2, unschedulable: 1 });
});
