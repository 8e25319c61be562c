import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, Pod } from './objects.ts';
import { crdEstablished, deploymentReady, nodeReady, nodeUsable, podReady } from './readiness.ts';

const deployment = (status: object, generation = 2): Deployment =>
  ({ metadata: { generation }, spec: { replicas: 6 }, status }) as Deployment;

test('a deployment is ready when all its replicas are of the present spec and available', () => {
  const done = { observedGeneration: 2, replicas: 6, updatedReplicas: 6, availableReplicas: 6 };
  assert.equal(deploymentReady(deployment(done)), true);
  assert.equal(deploymentReady(undefined), 'it does not exist');
  assert.equal(
    deploymentReady(deployment({ ...done, observedGeneration: 1 })),
    'the controller has not seen it yet',
  );
  assert.equal(
    deploymentReady(deployment({ ...done, availableReplicas: 2 })),
    '2 of 6 replicas are available',
  );
  assert.equal(
    deploymentReady(deployment({ ...done, updatedReplicas: 3 })),
    '3 of 6 replicas are up to date',
  );
  assert.equal(deploymentReady(deployment({ ...done, replicas: 7 })), '1 old replicas are still there');
});

test('a deployment that cannot make its pods says why', () => {
  const conditions = [
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota exceeded' },
  ];
  const status = { observedGeneration: 2, conditions };
  assert.equal(
    deploymentReady(deployment(status)),
    '0 of 6 replicas are up to date (ReplicaFailure: FailedCreate, quota exceeded)',
  );
});

test('a deployment that says no number wants one replica, and a reason is one that has words', () => {
  const conditions = [
    { type: 'Progressing', status: 'False', message: '' },
    { type: 'Available', status: 'False', message: 'too few' },
  ];
  assert.equal(
    deploymentReady({ metadata: {}, spec: {}, status: { conditions } } as unknown as Deployment),
    '0 of 1 replicas are up to date (Available: too few)',
  );
});

test('a pod that says that it is not ready is not; what has failed in it counts, what is done does not', () => {
  const pod = (init: object, own: object): Pod =>
    ({
      status: {
        phase: 'Pending',
        conditions: [{ type: 'Ready', status: 'False' }],
        initContainerStatuses: [{ name: 'init', state: init }],
        containerStatuses: [{ name: 'web', state: own }],
      },
    }) as Pod;
  const done = { terminated: { reason: 'Completed' } };
  const starting = { waiting: { reason: 'PodInitializing' } };
  assert.equal(podReady(pod(done, {})), 'it is Pending');
  assert.equal(podReady(pod(done, starting)), 'container web is in PodInitializing');
  assert.equal(podReady(pod({ terminated: { reason: 'Error' } }, starting)), 'container init is in Error');
});

test('a pod says what keeps it from being ready, the most exact first', () => {
  const pod = (status: object, deletionTimestamp?: string): Pod =>
    ({ metadata: { deletionTimestamp }, status }) as Pod;
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
  assert.equal(podReady(pod(ready)), true);
  assert.equal(podReady(pod(ready, '2026-01-01T00:00:00Z')), 'it is being deleted');
  const waiting = { reason: 'ErrImageNeverPull', message: 'no such image' };
  assert.equal(
    podReady(pod({ containerStatuses: [{ name: 'web', state: { waiting } }] })),
    'container web is in ErrImageNeverPull: no such image',
  );
  const unschedulable = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message: '0/3 nodes',
  };
  assert.equal(
    podReady(pod({ conditions: [unschedulable] })),
    'it is not scheduled: Unschedulable, 0/3 nodes',
  );
  assert.equal(podReady(pod({ phase: 'Pending' })), 'it is Pending');
});

test('a node is ready by its own report, a definition once its kind is served', () => {
  const node = (status: string) =>
    ({ status: { conditions: [{ type: 'Ready', status, reason: 'Because' }] } }) as never;
  assert.equal(nodeReady(node('True')), true);
  assert.equal(nodeReady(node('Unknown')), 'Ready is Unknown: Because');
  assert.equal(nodeReady({}), 'its kubelet has not reported yet');
  const tainted = (key: string) =>
    nodeUsable({ ...(node('True') as object), spec: { taints: [{ key, effect: 'NoSchedule' }] } });
  assert.equal(
    tainted('node.kubernetes.io/not-ready'),
    'it is Ready, but still has the taint node.kubernetes.io/not-ready',
  );
  assert.equal(tainted('firedrill.dev/infra'), true);
  assert.equal(nodeUsable(node('True')), true);
  assert.equal(nodeUsable(node('Unknown')), 'Ready is Unknown: Because');
  const established = { status: { conditions: [{ type: 'Established', status: 'True' }] } } as never;
  assert.equal(crdEstablished(established), true);
});
