import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PersistentVolumeClaim } from '../../kube/objects.ts';
import { volumeFor } from './storage.ts';

const claim = (
  storageClassName: string,
  annotations: Record<string, string> = {},
): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-0', namespace: 'shop', uid: 'u1', annotations },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
});

describe('the volume of a claim', () => {
  it('of the shared class can be used on any node', () => {
    const volume = volumeFor(claim('shared'));
    assert.equal(volume?.spec?.hostPath?.path, '/var/lib/firedrill/shared/pvc-u1');
    assert.equal(volume.spec.nodeAffinity, undefined);
    assert.equal(volume.spec.capacity?.['storage'], '2Gi');
  });

  it('of the local class waits for the scheduler and then stays on its node', () => {
    assert.equal(volumeFor(claim('local')), undefined);
    const volume = volumeFor(claim('local', { 'volume.kubernetes.io/selected-node': 'node-2' }));
    const term = volume?.spec?.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0];
    assert.deepEqual(term?.values, ['node-2']);
  });

  it('of somebody else’s class is left to them', () => {
    assert.equal(volumeFor(claim('ebs')), undefined);
  });
});
