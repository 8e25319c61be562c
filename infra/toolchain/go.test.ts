import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNewEnough } from './go.ts';

test('versions of Go are compared by number, and a release candidate comes before its release', () => {
  for (const version of ['go1.26.6', 'go1.26.10', 'go1.27.0', 'go1.27', 'go2.0.0', 'devel go1.28-abc'])
    assert.equal(isNewEnough(version, '1.26.6'), true, version);
  for (const version of ['go1.26.5', 'go1.26', 'go1.9.9', 'go1.26rc1', '', 'gotcha'])
    assert.equal(isNewEnough(version, '1.26.6'), false, version);
  assert.equal(isNewEnough('go1.26rc2', '1.26.0'), false);
});
