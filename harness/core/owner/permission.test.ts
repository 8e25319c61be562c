import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptionData, allowsNamespace, readMark } from './permission.ts';

test('what an owner writes is what is read', () => {
  const allowed = { namespaces: ['shop', 'search'], nodes: 'pool=drill' };
  assert.deepEqual(readMark(adoptionData('u1', allowed), 'u1'), { marked: true, allowed });
  assert.deepEqual(readMark(adoptionData('u1', { namespaces: [] }), 'u1'), {
    marked: true,
    allowed: { namespaces: [] },
  });
});

test('a mark that is absent, empty, or of another cluster is none', () => {
  for (const data of [undefined, {}, { 'adopted-uid': 'u2', namespaces: '*' }]) {
    assert.equal(readMark(data, 'u1').marked, false);
  }
});

test('a cluster that was made for drills has no limits, until somebody sets some', () => {
  assert.deepEqual(readMark({ provisioned: 'true' }, 'u1'), { marked: true });
  const limited = readMark({ provisioned: 'true', ...adoptionData('u1', { namespaces: ['a'] }) }, 'u1');
  assert.deepEqual(limited, { marked: true, allowed: { namespaces: ['a'] } });
  assert.equal(readMark({ provisioned: 'true', 'adopted-uid': 'u2' }, 'u1').marked, false);
});

test("`*` is every namespace but Kubernetes' own, which have to be named", () => {
  assert.equal(allowsNamespace({ namespaces: ['*'] }, 'shop'), true);
  assert.equal(allowsNamespace({ namespaces: ['*'] }, 'kube-system'), false);
  assert.equal(allowsNamespace({ namespaces: ['*', 'kube-system'] }, 'kube-system'), true);
  assert.equal(allowsNamespace({ namespaces: ['shop'] }, 'shop-2'), false);
});

test('a policy is read with the mark, and one that is not understood allows nothing', () => {
  const allowed = { namespaces: ['shop'] };
  const text = 'stop: [{ alert: Burns }]';
  const policy = { freeze: [], stop: [{ kind: 'alert', name: 'Burns' }] };
  assert.deepEqual(readMark(adoptionData('u1', allowed, text), 'u1'), { marked: true, allowed, policy });
  const made = { provisioned: 'true', policy: text };
  assert.deepEqual(readMark(made, 'u1'), { marked: true, policy });
  const damaged = readMark(adoptionData('u1', allowed, 'stops: []'), 'u1');
  assert.match(damaged.marked ? '' : damaged.why, /policy is not understood: .*stops/);
});
