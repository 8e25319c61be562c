import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inClusterTarget } from './in-cluster.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { given } from '../../harness/core/given.ts';
import { writeKubeconfig } from './testing/kubeconfig.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('kubeconfig');

test('a context is read with its cluster and its user', async () => {
  const path = join(directory, 'deep', 'config');
  const target = { server: 'https://127.0.0.1:6443', caPem: 'CA', certPem: 'CERT', keyPem: 'KEY' };
  await writeKubeconfig(
    path,
    { ...target, token: () => 'secret' },
    { name: 'drill', namespace: 'storefront' },
  );
  const { token, ...loaded } = await loadKubeconfig({ path });
  assert.deepEqual(loaded, { ...target, context: 'drill' });
  assert.equal(token?.(), 'secret');
});

test('a context that is not there, a file that is not there, and what cannot be honoured are told', async () => {
  const path = join(directory, 'config');
  await writeKubeconfig(path, { server: 'https://127.0.0.1:6443' }, { name: 'only' });
  const bad = { code: 'kube.bad-kubeconfig', userError: true };
  await assert.rejects(loadKubeconfig({ path, context: 'other' }), {
    ...bad,
    message: /no context "other", only: only/,
  });
  await assert.rejects(loadKubeconfig({ path: join(directory, 'nowhere') }), { ...bad, message: /ENOENT/ });
  const proxied = `
apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: 'https://example.test', proxy-url: 'http://proxy.test' } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
users: [{ name: a, user: {} }]
current-context: a
`;
  await writeFile(path, proxied);
  await assert.rejects(loadKubeconfig({ path }), { ...bad, message: /"proxy-url" is not supported/ });
});

/** A list of files as in $KUBECONFIG: each text is a file, a name without a text is one that is not there. */
async function fileList(files: Readonly<Record<string, string | undefined>>): Promise<string> {
  const paths = Object.entries(files).map(async ([name, text]) => {
    const path = join(directory, name);
    if (text !== undefined) await writeFile(path, text);
    return path;
  });
  return (await Promise.all(paths)).join(':');
}

/** A kubeconfig whose entries all have one name. */
const oneName = (name: string, server: string, token: string, current = name): string =>
  JSON.stringify({
    clusters: [{ name, cluster: { server } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { token } }],
    'current-context': current,
  });

test('of several files the missing and empty ones are left out, and the first one counts for a name and for the current context', async () => {
  const path = await fileList({
    absent: undefined,
    empty: '# nothing yet\n\n',
    none: oneName('a', 'https://first.test', 'of-the-first', ''),
    second: oneName('b', 'https://second.test', 'of-the-second'),
    third: oneName('a', 'https://third.test', 'of-the-third'),
  });
  const read = async (list: string, context?: string) => {
    const { token, ...target } = await loadKubeconfig({ path: list, ...given({ context }) });
    return [target.context, target.server, token?.()];
  };
  assert.deepEqual(await read(path), ['b', 'https://second.test', 'of-the-second']);
  assert.deepEqual(await read(path, 'a'), ['a', 'https://first.test', 'of-the-first']);
  const twice = join(directory, 'second');
  assert.deepEqual(await read(`${twice}::${twice}:`), ['b', 'https://second.test', 'of-the-second']);
});

test('a list of files of which none is there is told with its first, and a bad one by its own name', async () => {
  const bad = { code: 'kube.bad-kubeconfig', userError: true };
  const absent = await fileList({ absent: undefined, gone: undefined });
  await assert.rejects(loadKubeconfig({ path: absent }), {
    ...bad,
    message: /absent:\S+gone: ENOENT.*absent'/,
  });
  await assert.rejects(loadKubeconfig({ path: '::' }), { ...bad, message: /:: names no file/ });
  const broken = await fileList({ good: oneName('a', 'https://a.test', 't'), broken: 'clusters: [' });
  await assert.rejects(loadKubeconfig({ path: broken }), { ...bad, message: /kubeconfig: \S+\/broken: / });
});

test('a plug-in is asked for the token', async () => {
  const path = join(directory, 'plug-in');
  const credential = JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'from-the-plug-in' },
  });
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'echo',
    args: [credential],
    interactiveMode: 'Never',
  };
  await writeFile(
    path,
    JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: 'https://example.test' } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      users: [{ name: 'a', user: { exec } }],
      'current-context': 'a',
    }),
  );
  const { token, refresh } = await loadKubeconfig({ path });
  assert.equal(token?.(), 'from-the-plug-in');
  assert.ok(refresh !== undefined);
});

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
