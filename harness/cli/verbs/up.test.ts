import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextLines } from './up.ts';

test('the lines after up can be pasted, also where the path of the kubeconfig has a blank', () => {
  assert.deepEqual(nextLines('a', '/my state/kubeconfig'), [
    "  export KUBECONFIG='/my state/kubeconfig'",
    '  npm test -- scenarios/node-loss --cluster a',
    '  npm run firedrill -- down --name a',
  ]);
});
