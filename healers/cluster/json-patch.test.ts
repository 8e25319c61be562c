import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyJsonPatch } from './json-patch.ts';
import type { PatchOperation } from './objects.ts';

const node = {
  metadata: { uid: 'u', annotations: { 'a/b': 'old', 'a~b': 'x' } as Record<string, string> },
  spec: { taints: ['one', 'two'] as unknown[], podCIDR: null },
};
type Node = typeof node;

/** What a step makes of the node, or what it says where it does not hold. */
function made(...patch: readonly PatchOperation[]): unknown {
  const before = structuredClone(node);
  try {
    return applyJsonPatch<Node>(node, patch);
  } catch (error) {
    return (error as Error).message;
  } finally {
    assert.deepEqual(node, before, 'the document itself stays as it is');
  }
}
const annotated = (annotations: Record<string, string>) => ({
  ...node,
  metadata: { ...node.metadata, annotations },
});
const tainted = (...taints: readonly unknown[]) => ({ ...node, spec: { ...node.spec, taints } });

const STEPS: readonly (readonly [PatchOperation, unknown])[] = [
  [{ op: 'test', path: '/metadata/uid', value: 'u' }, node],
  [{ op: 'test', path: '/metadata/uid', value: 'v' }, 'test /metadata/uid does not hold'],
  [{ op: 'test', path: '/spec/taints', value: ['one', 'two'] }, node],
  [{ op: 'test', path: '/spec/taints', value: ['two', 'one'] }, 'test /spec/taints does not hold'],
  [{ op: 'test', path: '/spec/taints/1', value: 'two' }, node],
  [
    { op: 'add', path: '/metadata/annotations/c', value: 'new' },
    annotated({ 'a/b': 'old', 'a~b': 'x', c: 'new' }),
  ],
  [{ op: 'add', path: '/metadata/annotations/a~1b', value: 'new' }, annotated({ 'a/b': 'new', 'a~b': 'x' })],
  [{ op: 'remove', path: '/metadata/annotations/a~1b' }, annotated({ 'a~b': 'x' })],
  [{ op: 'remove', path: '/metadata/annotations/a~0b' }, annotated({ 'a/b': 'old' })],
  [{ op: 'remove', path: '/metadata/annotations/c' }, 'remove /metadata/annotations/c: nothing there'],
  [{ op: 'replace', path: '/spec/taints', value: [] }, tainted()],
  [{ op: 'replace', path: '/spec/unschedulable', value: true }, 'replace /spec/unschedulable: nothing there'],
  [{ op: 'replace', path: '/spec/taints/0', value: 'new' }, tainted('new', 'two')],
  [{ op: 'add', path: '/spec/taints/1', value: 'new' }, tainted('one', 'new', 'two')],
  [{ op: 'add', path: '/spec/taints/-', value: 'new' }, tainted('one', 'two', 'new')],
  [{ op: 'remove', path: '/spec/taints/0' }, tainted('two')],
  [{ op: 'add', path: '/status/phase', value: 'x' }, 'add /status/phase: no such place'],
  [{ op: 'add', path: '/status/phase/deep', value: 'x' }, 'add /status/phase/deep: no such place'],
  [{ op: 'add', path: '/metadata/uid/deep', value: 'x' }, 'add /metadata/uid/deep: no such place'],
  [{ op: 'add', path: '/spec/podCIDR/deep', value: 'x' }, 'add /spec/podCIDR/deep: no such place'],
  [{ op: 'replace', path: '', value: {} }, 'a patch of the whole document'],
];

test('each step of a JSON Patch does what RFC 6902 says, to a copy', () => {
  for (const [step, outcome] of STEPS) assert.deepEqual(made(step), outcome, JSON.stringify(step));
});

test('the steps follow each other, and none of them holds where one does not', () => {
  const add = { op: 'add', path: '/metadata/annotations/c', value: 'new' } as const;
  assert.deepEqual(
    made(add, { op: 'remove', path: '/metadata/annotations/a~1b' }),
    annotated({ 'a~b': 'x', c: 'new' }),
  );
  assert.equal(
    made(add, { op: 'test', path: '/metadata/uid', value: 'v' }),
    'test /metadata/uid does not hold',
  );
});

test('what is written is a copy, which nobody changes afterwards', () => {
  const value = { key: 'taint' };
  for (const path of ['/spec/taints', '/spec/taints/-', '/spec/taints/0']) {
    const before = applyJsonPatch<Node>(node, [{ op: 'add', path, value }]);
    const taints: unknown = before.spec.taints;
    assert.deepEqual(taints === undefined ? undefined : [taints].flat().includes(value), false, path);
  }
});
