import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFewLists, siblingsOf } from './sibling-pods.ts';

const pod = (name: string, labels?: Readonly<Record<string, string>>) => ({
  metadata: { name, uid: name, resourceVersion: '1', ...(labels === undefined ? {} : { labels }) },
});

test('the pods that take the place of others are listed by labels that they share, never by their namespace alone', () => {
  assert.equal(siblingsOf(pod('web-1', { app: 'web', 'pod-template-hash': 'abc' })), 'pod-template-hash=abc');
  const ofStatefulSet = {
    ...{ app: 'db', 'controller-revision-hash': 'db-5', 'apps.kubernetes.io/pod-index': '0' },
    ...{ 'statefulset.kubernetes.io/pod-name': 'db-0', tier: 'data' },
  };
  assert.equal(siblingsOf(pod('db-0', ofStatefulSet)), 'app=db,tier=data');
  assert.equal(siblingsOf(pod('kafka-0', { app: 'kafka', 'strimzi.io/pod-name': 'kafka-0' })), 'app=kafka');
  assert.equal(siblingsOf(pod('bare')), undefined);
  assert.equal(siblingsOf(pod('own-0', { name: 'own-0' })), undefined);
});

test('those of all ReplicaSets of a namespace are one list', () => {
  assert.deepEqual(inFewLists(['pod-template-hash=a', 'app=db', 'pod-template-hash=b']), [
    'pod-template-hash in (a,b)',
    'app=db',
  ]);
  assert.deepEqual(inFewLists(['pod-template-hash=a']), ['pod-template-hash=a']);
  assert.deepEqual(inFewLists(['app=db']), ['app=db']);
});
