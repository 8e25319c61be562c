import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptionData, allowsNamespace, readPermission } from './permission.ts';

test('what an owner writes is what is read', () => {
  const allowed = { namespaces: ['shop', 'search'], nodes: 'pool=drill' };
  assert.deepEqual(readPermission(adoptionData('u1', allowed), 'u1'), { granted: true, allowed });
  assert.deepEqual(readPermission(adoptionData('u1', { namespaces: [] }), 'u1'), {
    granted: true,
    allowed: { namespaces: [] },
  });
});

test('a permission that is absent, empty, or of another cluster is none', () => {
  for (const data of [undefined, {}, { 'adopted-uid': 'u2', namespaces: '*' }]) {
    assert.equal(readPermission(data, 'u1').granted, false);
  }
});

test('a cluster that was made for drills has no limits, until somebody sets some', () => {
  assert.deepEqual(readPermission({ provisioned: 'true' }, 'u1'), { granted: true });
  const limited = readPermission({ provisioned: 'true', ...adoptionData('u1', { namespaces: ['a'] }) }, 'u1');
  assert.deepEqual(limited, { granted: true, allowed: { namespaces: ['a'] } });
  assert.equal(readPermission({ provisioned: 'true', 'adopted-uid': 'u2' }, 'u1').granted, false);
});

test("`*` is every namespace but Kubernetes' own, which have to be named", () => {
  assert.equal(allowsNamespace({ namespaces: ['*'] }, 'shop'), true);
  assert.equal(allowsNamespace({ namespaces: ['*'] }, 'kube-system'), false);
  assert.equal(allowsNamespace({ namespaces: ['*', 'kube-system'] }, 'kube-system'), true);
  assert.equal(allowsNamespace({ namespaces: ['shop'] }, 'shop-2'), false);
});

test('a policy is read with the permission, and one that is not understood allows nothing', () => {
  const allowed = { namespaces: ['shop'] };
  const text = 'stop: [{ alert: Burns }]';
  const policy = { freeze: [], stop: [{ kind: 'alert', name: 'Burns' }] };
  assert.deepEqual(readPermission(adoptionData('u1', allowed, text), 'u1'), {
    granted: true,
    allowed,
    policy,
  });
  const made = { provisioned: 'true', policy: text };
  assert.deepEqual(readPermission(made, 'u1'), { granted: true, policy });
  const damaged = readPermission(adoptionData('u1', allowed, 'stops: []'), 'u1');
  assert.match(damaged.granted ? '' : damaged.why, /policy is not understood: .*stops/);
});
