import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFailure } from './kind-cli.ts';

test('why kind did not make a cluster is told as what to do about it', () => {
  const missing = createFailure(
    'kind exited with code 1: ERROR: failed to create cluster: failed to pull image "kindest/node:v9": command "docker pull" failed',
  );
  assert.equal(missing.code, 'kind.image-missing');
  assert.match(missing.message, /kindest\/node:v9/);
  assert.match(missing.hint ?? '', /--node-image/);
  assert.equal(missing.userError, true);
  const taken = createFailure(
    'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "fd-a"',
  );
  assert.deepEqual([taken.code, taken.userError], ['cluster.name-in-use', true]);
  const inotify = createFailure(
    'could not find a log line ... Failed to create inotify object: Too many open files',
  );
  assert.match(inotify.hint ?? '', /max_user_instances/);
  const other = createFailure('something else');
  assert.deepEqual([other.code, other.userError], ['kind.create-failed', false]);
});
