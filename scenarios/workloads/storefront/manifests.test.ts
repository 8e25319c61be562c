import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storefront } from './index.ts';
import { DRAIN_MS, GRACE_MS } from './lifecycle.ts';

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly tolerations?: unknown;
        readonly topologySpreadConstraints: readonly Readonly<Record<string, unknown>>[];
        readonly containers: readonly {
          readonly image: string;
          readonly startupProbe: { readonly periodSeconds: number };
          readonly readinessProbe: { readonly periodSeconds: number };
          readonly livenessProbe: { readonly periodSeconds: number };
        }[];
      };
    };
  };
}

const objects = storefront.manifests({ web: 'local/web:1', catalogue: 'local/catalogue:1' });
const deployment = (name: string): Deployment =>
  objects.find((o) => o.kind === 'Deployment' && o.metadata.name === name) as unknown as Deployment;

test('services are applied before the pods that are told their addresses', () => {
  const kinds = objects.map((object) => object.kind);
  assert.equal(kinds[0], 'Namespace');
  assert.ok(kinds.lastIndexOf('Service') < kinds.indexOf('Deployment'));
});

test('six shop and three catalogue pods, with the images that were given', () => {
  assert.equal(deployment('storefront').spec.replicas, storefront.capacity.replicas);
  assert.equal(deployment('catalogue').spec.replicas, 3);
  assert.equal(deployment('storefront').spec.template.spec.containers[0]!.image, 'local/web:1');
  assert.equal(deployment('catalogue').spec.template.spec.containers[0]!.image, 'local/catalogue:1');
  assert.deepEqual(storefront.capacity.selector, 'app=storefront');
  assert.equal(deployment('storefront').spec.template.metadata.labels['app'], 'storefront');
});

test('pods are spread strictly over hosts that take pods, so that a dead one keeps no place free', () => {
  for (const name of ['storefront', 'catalogue']) {
    const [byHost] = deployment(name).spec.template.spec.topologySpreadConstraints;
    assert.equal(byHost!['topologyKey'], 'kubernetes.io/hostname');
    assert.equal(byHost!['whenUnsatisfiable'], 'DoNotSchedule');
    assert.equal(byHost!['nodeTaintsPolicy'], 'Honor');
  }
});

test('eviction from a lost node is as slow as stock Kubernetes makes it: no tolerations of its own', () => {
  assert.equal(deployment('storefront').spec.template.spec.tolerations, undefined);
});

test('startup and readiness are asked every second, liveness every five', () => {
  for (const name of ['storefront', 'catalogue']) {
    const container = deployment(name).spec.template.spec.containers[0]!;
    assert.equal(container.startupProbe.periodSeconds, 1);
    assert.equal(container.readinessProbe.periodSeconds, 1);
    assert.equal(container.livenessProbe.periodSeconds, 5);
  }
});

test('the grace period is longer than draining takes', () => {
  const { terminationGracePeriodSeconds } = deployment('storefront').spec.template.spec;
  assert.ok(terminationGracePeriodSeconds * 1000 >= DRAIN_MS + GRACE_MS + 1000);
});
