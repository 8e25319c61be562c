import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inClusterTarget } from './in-cluster.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('in-cluster');

test('a pod finds its API server, and reads its token again for each request', async () => {
  const files = { token: 'first\n', 'ca.crt': 'CA', namespace: 'firedrill-system' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  const { server, caPem, namespace, token } = inClusterTarget(environment, directory);
  assert.deepEqual([server, caPem, namespace], ['https://[fd00::1]:443', 'CA', 'firedrill-system']);
  assert.equal(token?.(), 'first');
  await writeFile(join(directory, 'token'), 'second');
  assert.equal(token(), 'second');
});

test('outside of a pod it says what is missing', () => {
  assert.throws(() => inClusterTarget({}), {
    code: 'kube.not-in-cluster',
    message: /are not set/,
  });
  const environment = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const nowhere = join(directory, 'nowhere');
  assert.throws(() => inClusterTarget(environment, nowhere), {
    message: /token cannot be read/,
  });
});
