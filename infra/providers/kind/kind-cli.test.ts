import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStep, createFailure } from './kind-cli.ts';

test('why kind did not make a cluster is told as what to do about it', () => {
  const missing = createFailure(
    'docker',
    'kind exited with code 1: ERROR: failed to create cluster: failed to pull image "kindest/node:v9": command "docker pull" failed',
  );
  assert.equal(missing.code, 'kind.image-missing');
  assert.match(missing.message, /kindest\/node:v9/);
  assert.match(missing.hint ?? '', /--node-image/);
  assert.equal(missing.userError, true);
  const taken = createFailure(
    'docker',
    'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "fd-a"',
  );
  assert.deepEqual([taken.code, taken.userError], ['cluster.name-in-use', true]);
  assert.match(taken.message, /the kind cluster fd-a exists already/);
  const inotify = createFailure(
    'docker',
    'could not find a log line ... Failed to create inotify object: Too many open files',
  );
  assert.match(inotify.hint ?? '', /as root: sysctl .*max_user_instances/);
  const other = createFailure('docker', 'something else');
  assert.deepEqual([other.code, other.userError], ['kind.create-failed', false]);
});

test('a step of kind is told apart from what else it prints', () => {
  assert.equal(
    createStep(' • Ensuring node image (kindest/node:v1.36.3) 🖼  ...'),
    'kind: ensuring node image (kindest/node:v1.36.3)',
  );
  assert.equal(createStep(' • Preparing nodes 📦 📦 📦   ...'), 'kind: preparing nodes');
  for (const other of [' ✓ Preparing nodes 📦 📦 📦 ', 'Creating cluster "fd-a" ...', ''])
    assert.equal(createStep(other), undefined);
});
