import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { systemClock } from '../../harness/core/clock.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';
import { whoAmI } from '../borrowed/rights.ts';
import { KubeClient } from '../kube/client.ts';
import type { KubeTarget } from '../kube/target.ts';
import { portForward } from '../kube/port-forward.ts';
import { formatKubeconfig } from '../kube/testing/kubeconfig.ts';
import { sharedApiServer, type SharedApiServer } from '../kube/testing/shared-api-server.ts';
import { reach } from '../providers/existing/reach.ts';
import { existingSettings } from '../providers/existing/settings.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { reachInManyWays } from './testing/ways.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'harness', 'cli', 'firedrill.ts');
const folder = temporaryDirectory('kubectl-proxy');
const file = (name: string): string => join(folder, name);
let server: SharedApiServer;
before(async () => {
  server = await sharedApiServer();
});
after(async () => {
  await server.stop();
});

/** A kubeconfig whose user is told by a program, which does this. */
function withPlugin(name: string, target: KubeTarget, ...lines: readonly string[]): string {
  writeFileSync(file(`${name}.sh`), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o700 });
  const kubeconfig = JSON.parse(formatKubeconfig(target, { name: 'staging' })) as Record<string, unknown>;
  const apiVersion = 'client.authentication.k8s.io/v1';
  const exec = { apiVersion, command: file(`${name}.sh`), interactiveMode: 'IfAvailable' };
  writeFileSync(file(name), JSON.stringify({ ...kubeconfig, users: [{ name: 'staging', user: { exec } }] }));
  return file(name);
}

const credential = (token: string): string =>
  `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}'`;

async function until(holds: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  while (!holds()) await systemClock.sleep(20, signal);
}

/** The processes that this one has started and that live. */
const children = (): string[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);

test('watches and refusals pass through kubectl, its socket is ours alone, and where it has died it is started again', async () => {
  const others = children();
  const target = await loadKubeconfig({
    path: withPlugin('token', server.target, credential('admin-token')),
    env: process.env,
  });
  using kube = new KubeClient(target);
  assert.equal(await whoAmI(kube), 'admin');
  const started = children().filter((pid) => !others.includes(pid));
  assert.equal(statSync(dirname(target.socketPath ?? '')).mode & 0o777, 0o700);

  const watch = await kube.stream({ method: 'GET', path: '/api/v1/namespaces', query: { watch: true } });
  const { value } = (await watch[Symbol.asyncIterator]().next()) as { value: Buffer };
  assert.match(value.toString(), /^\{"type":"ADDED"/);
  watch.destroy();
  await assert.rejects(kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'none' } as const), {
    code: 'kube.not-found',
  });

  using unreached = new KubeClient(
    await loadKubeconfig({
      path: withPlugin(
        'unreached',
        { ...server.target, server: 'https://127.0.0.1:1' },
        credential('admin-token'),
      ),
      env: process.env,
    }),
  );
  await assert.rejects(whoAmI(unreached), { code: 'kube.unreachable', status: 0, maybeApplied: true });

  const [kubectl = ''] = started;
  process.kill(Number(kubectl), 'SIGKILL');
  await until(() => !children().includes(kubectl));
  assert.equal(await whoAmI(kube), 'admin');
});

test('a port of a pod is reached through kubectl, and asked for through an HTTP proxy', async () => {
  await using undo = new AsyncDisposableStack();
  const sockets = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: ([first]) => first ?? false,
  });
  undo.defer(() => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  });
  await once(sockets, 'listening');
  let seenAs: unknown;
  sockets.on('connection', (socket, { headers }) => {
    seenAs = headers['impersonate-user'];
    socket.on('message', (data: Buffer) =>
      socket.send(Buffer.concat([Buffer.of(0, 0, 0), data.subarray(1)])),
    );
  });
  const { port } = sockets.address() as AddressInfo;
  const clusters = [{ name: 'staging', cluster: { server: `http://127.0.0.1:${port}` } }];
  const users = [{ name: 'staging', user: { as: 'drill-bot' } }];
  const usual = JSON.parse(formatKubeconfig(server.target, { name: 'staging' })) as object;
  writeFileSync(file('plain'), JSON.stringify({ ...usual, clusters, users }));
  using kube = new KubeClient(await loadKubeconfig({ path: file('plain'), env: process.env }));
  const connection = await portForward(kube, { namespace: 'default', name: 'web' }, 80);
  connection.write('hello');
  const [echo] = (await once(connection, 'data')) as [Buffer];
  connection.destroy();
  assert.deepEqual([echo.toString(), seenAs], ['hello', 'drill-bot']);

  const { httpProxy: proxy } = await reachInManyWays(server, undo);
  using proxied = new KubeClient({ ...server.target, server: 'https://api.example.test:6443', proxy });
  await assert.rejects(portForward(proxied, { namespace: 'default', name: 'none' }, 80), {
    code: 'kube.not-found',
  });
});

test('a plug-in that waits for ever is given up in time, and named', async () => {
  const kubeconfig = withPlugin('hangs', server.target, 'exec sleep 600');
  const env = { ...process.env, FIREDRILL_CONTEXT: 'staging', FIREDRILL_KUBECONFIG: kubeconfig };
  await assert.rejects(reach(existingSettings(env), { signInWithinMs: 600 }), {
    code: 'existing.unreachable',
    message: /its plug-in of credentials, or the API server \S+ does not answer within 600 ms/,
    hint: `kubectl --context staging --kubeconfig ${kubeconfig} get --raw /readyz`,
  });
});

test('the prompt of a plug-in is shown, and SIGTERM ends the wait and the plug-in', async () => {
  const prompt = 'To sign in, open https://login.example.test and enter ABCD-1234';
  const kubeconfig = withPlugin(
    'asks',
    server.target,
    `echo $$ > ${file('pid')}`,
    `printf '%s' '${prompt}' >&2`,
    'exec sleep 600',
  );
  const child = spawn(
    process.execPath,
    [PROGRAM, 'adopt', '--context', 'staging', '--kubeconfig', kubeconfig],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  const ended = once(child, 'close');
  await until(() => told.includes(prompt));
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [128 + 15, null], told);
  const plugin = `/proc/${readFileSync(file('pid'), 'utf8').trim()}`;
  await until(() => !existsSync(plugin));
});
