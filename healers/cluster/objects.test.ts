import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaseOf, nodeOf } from '../testing/scale/objects.ts';
import { complete } from './call.ts';
import { conditionOf, readyEndpoints, reduceLease, reduceNode } from './objects.ts';

const stored = <T extends object>(object: T) => {
  const { metadata, ...rest } = object as T & { metadata: object };
  return complete({ ...rest, metadata: { ...metadata, resourceVersion: '7' } });
};
const bytesOf = (object: object): number => JSON.stringify(object).length;

test('of a Node of 15 KB is kept what is used: who it is, its marks, taints, addresses and whether it is Ready', () => {
  const whole = stored(nodeOf(1, 'uid', 10_250));
  const kept = reduceNode(whole);
  assert.ok(bytesOf(whole) > 9_000 && bytesOf(kept) < 1_000, `${bytesOf(whole)} to ${bytesOf(kept)} bytes`);
  assert.deepEqual(Object.keys(kept), ['metadata', 'spec', 'status']);
  assert.deepEqual(
    [kept.metadata.name, kept.metadata.uid, kept.metadata.resourceVersion],
    ['node-1', 'uid', '7'],
  );
  assert.equal(kept.metadata.labels?.['topology.kubernetes.io/zone'], 'zone-1');
  assert.deepEqual(kept.status?.conditions, [{ type: 'Ready', status: 'True' }]);
  assert.equal(conditionOf(kept, 'Ready'), 'True');
  assert.equal(kept.status.daemonEndpoints?.kubeletEndpoint?.Port, 10_250);
  assert.equal(kept.status.addresses?.[0]?.address, '127.1.0.2');
});

test('taints of others are kept whole, since they are written back with ours', () => {
  const taints = [{ key: 'theirs', value: 'v', effect: 'NoSchedule', timeAdded: '2026-01-01T00:00:00Z' }];
  const node = stored({ metadata: { name: 'n', uid: 'u' }, spec: { taints, unschedulable: true } });
  assert.deepEqual(reduceNode(node), { metadata: node.metadata, spec: { taints, unschedulable: true } });
});

test('of a lease is kept how long it lasts and when it was renewed, and of a slice how many are ready where', () => {
  const kept = reduceLease(stored(leaseOf(1, 'uid')));
  assert.deepEqual(Object.keys(kept.spec ?? {}), ['renewTime', 'leaseDurationSeconds']);
  assert.deepEqual(reduceLease(stored({ metadata: { name: 'n', uid: 'u' } })).spec, undefined);
  const endpoints = [
    { addresses: ['10.0.0.1'], nodeName: 'a' },
    { addresses: ['10.0.0.2'], nodeName: 'a', conditions: { ready: true } },
    { addresses: ['10.0.0.3'], nodeName: 'b', conditions: { ready: false } },
    { addresses: ['10.0.0.4'] },
  ];
  assert.deepEqual([...readyEndpoints({ addressType: 'IPv4', endpoints })], [['a', 2]]);
});
