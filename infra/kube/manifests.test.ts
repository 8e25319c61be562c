import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inOrder } from './apply-order.ts';
import { parseManifests } from './manifests.ts';

test('many documents, empty ones and lists become objects', () => {
  const yaml = `
# a comment only
---
{ apiVersion: v1, kind: Namespace, metadata: { name: one } }
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: ConfigMap, metadata: { name: two } }
  - { apiVersion: v1, kind: ConfigMap, metadata: { generateName: three- } }
---
`;
  assert.deepEqual(
    parseManifests(yaml).map(({ metadata }) => metadata.name ?? metadata.generateName),
    ['one', 'two', 'three-'],
  );
});

test('what is no manifest is refused with the file and the object', () => {
  const refused = (yaml: string) => () => parseManifests(yaml, 'app.yaml');
  assert.throws(refused('kind: Pod'), {
    code: 'kube.bad-manifest',
    message: 'app.yaml, object 1: apiVersion is missing',
  });
  assert.throws(
    refused('{ apiVersion: v1, kind: Pod }'),
    /app\.yaml, object 1 \(Pod\): metadata\.name is missing/,
  );
  assert.throws(refused('just text'), /app\.yaml, object 1: it is no object/);
  assert.throws(refused('a: b: c'), { code: 'kube.bad-manifest', message: /line 1/ });
});

test('what others need comes first, admission webhooks come last, unknown kinds before them', () => {
  const kinds = [
    'ValidatingWebhookConfiguration',
    'Widget',
    'Deployment',
    'ClusterRoleBinding',
    'Service',
    'ClusterRole',
    'ServiceAccount',
    'CustomResourceDefinition',
    'Namespace',
  ];
  const ordered = inOrder(kinds.map((kind) => ({ kind }))).map((group) =>
    group.map(({ kind }) => kind).join(' '),
  );
  assert.deepEqual(ordered, [
    'Namespace',
    'CustomResourceDefinition',
    'ClusterRole ServiceAccount',
    'ClusterRoleBinding',
    'Service',
    'Deployment',
    'Widget',
    'ValidatingWebhookConfiguration',
  ]);
});
