import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { loadKubeconfig } from './kubeconfig.ts';
import { given } from '../../harness/core/given.ts';
import { writeKubeconfig } from '../kube/testing/kubeconfig.ts';
import { testCertificate } from '../../healers/testing/certificate.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('kubeconfig');

test('a context is read with its cluster and its user', async () => {
  const path = join(directory, 'deep', 'config');
  const { cert, key } = await testCertificate();
  const target = { server: 'https://127.0.0.1:6443', caPem: cert, certPem: cert, keyPem: key };
  await writeKubeconfig(
    path,
    { ...target, token: () => 'secret' },
    { name: 'drill', namespace: 'storefront' },
  );
  const { token, ...loaded } = await loadKubeconfig({ env: process.env, path });
  assert.deepEqual(loaded, { ...target, context: 'drill' });
  assert.equal(token?.(), 'secret');
});

test('a context that is not there and a file that is not there are told', async () => {
  const path = join(directory, 'config');
  await writeKubeconfig(path, { server: 'https://127.0.0.1:6443' }, { name: 'only' });
  const bad = { code: 'kube.bad-kubeconfig', userError: true };
  await assert.rejects(loadKubeconfig({ env: process.env, path, context: 'other' }), {
    ...bad,
    message: /no context "other", only: only/,
  });
  await assert.rejects(loadKubeconfig({ env: process.env, path: join(directory, 'nowhere') }), {
    ...bad,
    message: /ENOENT/,
  });
});

test('a server keeps its scheme, in small letters, and has none of TLS where it says none', async () => {
  for (const [told, server] of [
    ['HTTPS://api.test', 'https://api.test'],
    ['http://api.test/path', 'http://api.test/path'],
    ['api.test:80', 'http://api.test:80'],
  ] as const) {
    const path = await fileList({ scheme: oneName('a', told, 't') });
    assert.equal((await loadKubeconfig({ env: process.env, path })).server, server);
  }
  const path = await fileList({ nothing: '{}' });
  await assert.rejects(loadKubeconfig({ env: process.env, path }), {
    message: /has no current context, only: none$/,
  });
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
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
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
    const { token, ...target } = await loadKubeconfig({
      env: process.env,
      path: list,
      ...given({ context }),
    });
    return [target.context, target.server, token?.()];
  };
  assert.deepEqual(await read(path), ['b', 'https://second.test', 'of-the-second']);
  assert.deepEqual(await read(path, 'a'), ['a', 'https://first.test', 'of-the-first']);
  const twice = join(directory, 'second');
  assert.deepEqual(await read(`${twice}::${twice}:`), ['b', 'https://second.test', 'of-the-second']);
});

test('a file that is named by itself is one, also with a colon in its path, and so is the file that is not there', async () => {
  const path = join(directory, 'a:b', 'config');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, oneName('staging', 'https://one.test', 'of-one'));
  const read = (options: object) => loadKubeconfig({ env: process.env, path, isOneFile: true, ...options });
  assert.equal((await read({})).server, 'https://one.test');
  await assert.rejects(read({ context: 'other' }), /no context "other", only: staging/);
  await assert.rejects(read({ path: `${path}:${path}` }), /ENOENT.*config:/);
});

test('a list of files of which none is there is told with its first, and a bad one by its own name', async () => {
  const bad = { code: 'kube.bad-kubeconfig', userError: true };
  const absent = await fileList({ absent: undefined, gone: undefined });
  await assert.rejects(loadKubeconfig({ env: process.env, path: absent }), {
    ...bad,
    message: /absent:\S+gone: ENOENT.*absent'/,
    hint: /--kubeconfig FILE or KUBECONFIG/,
  });
  await assert.rejects(loadKubeconfig({ env: process.env, path: '::' }), {
    ...bad,
    message: /:: names no file/,
  });
  const broken = await fileList({ good: oneName('a', 'https://a.test', 't'), broken: 'clusters: [' });
  await assert.rejects(loadKubeconfig({ env: process.env, path: broken }), {
    ...bad,
    message: /kubeconfig: \S+\/broken: /,
  });
});
