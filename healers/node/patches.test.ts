import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeObject, PatchOperation } from '../cluster/objects.ts';
import { advancePatch, beginPatch, cancelPatch, forgetPatch, unprovePatch } from './patches.ts';
import { formatRemediation, type NodeRemediation } from './remediation.ts';

const OURS = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
const OTHER = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const AT = '/metadata/annotations/healer.firedrill.dev~1remediation';
const UNCHANGED: readonly PatchOperation[] = [
  { op: 'test', path: '/metadata/uid', value: 'u' },
  { op: 'test', path: '/metadata/resourceVersion', value: '7' },
];
const NOW_MS = Date.UTC(2026, 11, 1) + 999;

const remediation: NodeRemediation = {
  ...{ attempt: 'a', phase: 'fencing', cordonOurs: true, rule: 'node-silent' },
  ...{ startedAtMs: 1, phaseAtMs: 2 },
};
type Taints = NonNullable<NonNullable<NodeObject['spec']>['taints']>;
const node = (taints?: readonly object[], more: object = {}): NodeObject => ({
  metadata: { name: 'n1', uid: 'u', resourceVersion: '7', annotations: { own: 'kept' } },
  spec: { ...(taints && { taints: taints as Taints }), ...more },
});
const record = (of: NodeRemediation = remediation): PatchOperation => ({
  op: 'add',
  path: AT,
  value: formatRemediation(of),
});
const cordon = { op: 'add', path: '/spec/unschedulable', value: true };
const tainted = (...before: readonly object[]): PatchOperation => ({
  ...{ op: 'add', path: '/spec/taints' },
  value: [...before, { ...OURS, timeAdded: '2026-12-01T00:00:00Z' }],
});
const untainted = (...left: readonly object[]): PatchOperation => ({
  op: 'replace',
  path: '/spec/taints',
  value: left,
});
const bare: NodeObject = { metadata: { name: 'n1', uid: 'u', resourceVersion: '7' } };
const gone = { op: 'remove', path: AT };
const uncordoned = { op: 'remove', path: '/spec/unschedulable' };
const cordoned = { unschedulable: true };
const kept: NodeRemediation = { ...remediation, phase: 'cancelled' };
const foreign: NodeRemediation = { ...remediation, taintForeign: true };
const persons: NodeRemediation = { ...remediation, cordonOurs: false };

/** What each patch changes, besides that it holds only for the node that was seen. */
const PATCHES: Readonly<Record<string, readonly [readonly PatchOperation[], readonly unknown[]]>> = {
  'a beginning cordons and records in one write': [beginPatch(node(), remediation), [record(), cordon]],
  'the cordon of a person is left alone': [beginPatch(node(), persons), [record(persons)]],
  'a node without annotations gets them': [
    beginPatch(bare, persons),
    [{ op: 'add', path: '/metadata/annotations', value: {} }, record(persons)],
  ],
  'a phase without the taint is a record': [advancePatch(node(), remediation, false, NOW_MS), [record()]],
  'the taint is the first': [advancePatch(node(), remediation, true, NOW_MS), [record(), tainted()]],
  'a node without a spec gets it, too': [
    advancePatch({ ...bare, metadata: node().metadata }, remediation, true, NOW_MS),
    [record(), tainted()],
  ],
  'the taint comes after those of others': [
    advancePatch(node([OTHER]), remediation, true, NOW_MS),
    [record(), tainted(OTHER)],
  ],
  'a taint that is there is not set again': [
    advancePatch(node([OTHER, OURS]), remediation, true, NOW_MS),
    [record()],
  ],
  'back to fencing our taint goes, and those of others stay': [
    unprovePatch(node([OTHER, OURS]), remediation),
    [record(), untainted(OTHER)],
  ],
  'back to fencing without our taint nothing goes': [unprovePatch(node([OTHER]), remediation), [record()]],
  'back to fencing without a spec nothing goes': [
    unprovePatch({ ...bare, metadata: node().metadata }, remediation),
    [record()],
  ],
  'back to fencing a taint that was there before stays': [
    unprovePatch(node([OURS]), foreign),
    [record(foreign)],
  ],
  'called off, cordon, taint and record go': [
    cancelPatch(node([OURS], cordoned), remediation, undefined),
    [uncordoned, untainted(), gone],
  ],
  'called off by a person, the record stays': [
    cancelPatch(node([], cordoned), remediation, kept),
    [uncordoned, record(kept)],
  ],
  'called off, the cordon of a person stays': [cancelPatch(node([], cordoned), persons, undefined), [gone]],
  'called off, what is uncordoned already is not uncordoned': [
    cancelPatch(node(), remediation, undefined),
    [gone],
  ],
  'called off, a node without a spec loses the record': [
    cancelPatch({ ...bare, metadata: node().metadata }, remediation, undefined),
    [gone],
  ],
  'called off, a taint that was there before stays': [
    cancelPatch(node([OURS], cordoned), foreign, undefined),
    [uncordoned, gone],
  ],
  'a record is forgotten alone': [forgetPatch(node([OURS], cordoned)), [gone]],
};
for (const [claim, [patch, changes]] of Object.entries(PATCHES))
  test(`${claim}, and only while the node is what was seen`, () => {
    assert.deepEqual(patch, [...UNCHANGED, ...changes]);
  });
