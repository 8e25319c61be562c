import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindSettings } from './settings.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

test('nothing said means whatever answers, and the image of this version of kind', () => {
  assert.deepEqual(kindSettings({ FIREDRILL_ENGINE: '' }), {});
});

test('a node image may be named by tag or by digest, or by the version of Kubernetes', () => {
  for (const nodeImage of ['local/node:v1.36.3', `registry.example:5000/a/node:v1@${DIGEST}`])
    assert.deepEqual(kindSettings({ FIREDRILL_NODE_IMAGE: nodeImage }), { nodeImage });
  assert.deepEqual(kindSettings({ FIREDRILL_KUBERNETES: '1.36.3' }), { nodeImage: 'kindest/node:v1.36.3' });
});

test('what cannot be meant is refused, with what is wanted', () => {
  for (const env of [
    { FIREDRILL_KUBERNETES: 'latest' },
    { FIREDRILL_NODE_IMAGE: 'two words' },
    { FIREDRILL_NODE_IMAGE: 'node:v1', FIREDRILL_KUBERNETES: 'v1.36.3' },
  ])
    assert.throws(() => kindSettings(env), { code: 'kind.bad-setting', userError: true });
  assert.throws(() => kindSettings({ FIREDRILL_ENGINE: 'dokcer' }), {
    code: 'engine.bad-setting',
    userError: true,
    message: /one of docker, podman, nerdctl/,
  });
});
