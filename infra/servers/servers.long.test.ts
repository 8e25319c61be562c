import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, untilGone } from '../process/identity.ts';
import { pullImage } from '../engine/pull-image.ts';
import { openEngine } from './open-engine.ts';
import {
  engineAbsence,
  imageRegistry,
  objectStore,
  reapServers,
  removeKeptServers,
  smtpSink,
  startServer,
} from './index.ts';
import { LABELS, sessionsRoot } from './reap.ts';
import { sendMail } from './testing/send-mail.ts';
import { signedRequest } from './testing/signed-request.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('servers');
const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
const skip = (await engineAbsence(env)) ?? false;
const say = (line: string): void => void process.stdout.write(`    ${line}\n`);
const GONE_WITHIN_MS = 30_000;

async function exists(containerName: string): Promise<boolean> {
  const engine = await openEngine(env);
  return (await engine.containersWith({ [LABELS.server]: smtpSink.name })).includes(containerName);
}

/** A process that has started a server, and the name of its container. */
async function holder(...args: string[]): Promise<{ process: ChildProcess; containerName: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'hold-server.ts'), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, containerName: said.toString().trim() };
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Processes that watch over sessions of this test. */
function watchers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.some((word) => word.startsWith(`${directory}/`));
      } catch (error) {
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
    })
    .map(Number);
}

test('a mail that was sent by SMTP is read back by HTTP', { skip }, async () => {
  await using sink = await startServer(smtpSink, env, { say });
  assert.deepEqual(await sink.mails(), []);
  for (const subject of ['first', 'second'])
    await sendMail(sink.smtp, {
      from: 'a@drill.example',
      to: 'b@drill.example',
      subject,
      text: `It is ${subject}.`,
    });
  const mails = await sink.mails();
  assert.deepEqual(
    mails.map(({ from, to, subject }) => ({ from, to, subject })),
    ['second', 'first'].map((subject) => ({ from: 'a@drill.example', to: ['b@drill.example'], subject })),
  );
  assert.match(await mails[1]!.raw(), /\r\n\r\nIt is first\.\r\n/);
  assert.ok(Math.abs(Date.now() - mails[0]!.receivedAt.getTime()) < 60_000);
  await sink.clear();
  assert.deepEqual(await sink.mails(), []);
});

test('an object that was put is got again, and is gone once deleted', { skip }, async () => {
  await using store = await startServer(objectStore, env, { say });
  assert.equal((await signedRequest(store, 'PUT', '/backups')).status, 200);
  assert.equal((await signedRequest(store, 'PUT', '/backups/a/b.json', '{"kept":true}')).status, 200);
  const got = await signedRequest(store, 'GET', '/backups/a/b.json');
  assert.equal(await got.text(), '{"kept":true}');
  assert.equal((await signedRequest(store, 'DELETE', '/backups/a/b.json')).status, 204);
  assert.equal((await signedRequest(store, 'GET', '/backups/a/b.json')).status, 404);
});

test(
  'an image that the engine pushes to the registry can be read there, and pulled again',
  { skip },
  async () => {
    await using registry = await startServer(imageRegistry, env, { say });
    await using sink = await startServer(smtpSink, env, { say });
    const engine = await openEngine(env);
    const reference = `${registry.address}/drill/sink:v1`;
    await engine.call(['tag', sink.image, reference]);
    try {
      await engine.call(['push', reference]);
      const tags = await fetch(`${registry.url}/v2/drill/sink/tags/list`);
      assert.deepEqual(await tags.json(), { name: 'drill/sink', tags: ['v1'] });
      const accept = [
        'application/vnd.docker.distribution.manifest.v2+json',
        'application/vnd.oci.image.manifest.v1+json',
        'application/vnd.oci.image.index.v1+json',
      ].join(', ');
      const manifest = await fetch(`${registry.url}/v2/drill/sink/manifests/v1`, { headers: { accept } });
      assert.equal(manifest.status, 200);
      assert.match(manifest.headers.get('docker-content-digest') ?? '', /^sha256:[0-9a-f]{64}$/);
      await engine.call(['image', 'rm', reference]);
      assert.equal(await engine.hasImage(reference), false);
      await pullImage(engine, reference);
      assert.equal(await engine.hasImage(reference), true);
    } finally {
      await engine.call(['image', 'rm', reference]);
    }
  },
);

test('a server on a network of the engine has an address there', { skip }, async () => {
  const engine = await openEngine(env);
  const name = `firedrill-test-${process.pid}`;
  await engine.call(['network', 'create', name]);
  try {
    await using registry = await startServer(imageRegistry, env, { network: name, say });
    assert.match(registry.addressOn(name), /^\d+\.\d+\.\d+\.\d+$/);
    assert.equal((await fetch(`${registry.url}/v2/`)).status, 200);
  } finally {
    await engine.call(['network', 'rm', name]);
  }
});

test('a server that has been stopped leaves no container, no record and no watcher', { skip }, async () => {
  const server = await startServer(smtpSink, env);
  assert.equal(await exists(server.containerName), true);
  assert.equal(readdirSync(sessionsRoot(env)).filter((name) => name.endsWith('.json')).length, 1);
  const watching = watchers().map((pid) => identityOf(pid)!);
  await server.stop();
  await server.stop();
  assert.equal(await exists(server.containerName), false);
  assert.deepEqual(readdirSync(sessionsRoot(env)), []);
  for (const watcher of watching) await untilGone(watcher, 5_000);
});

test(
  'a fresh server is nobody else’s; one that is to be used again is found again, by another process too',
  { skip },
  async () => {
    try {
      await using one = await startServer(smtpSink, env);
      await using other = await startServer(smtpSink, env);
      assert.notEqual(one.containerName, other.containerName);
      const first = await holder('kept');
      await killed(first.process);
      const again = await startServer(smtpSink, env, { reuse: true });
      assert.equal(again.reused, true);
      assert.equal(again.containerName, first.containerName);
      await sendMail(again.smtp, {
        from: 'a@drill.example',
        to: 'b@drill.example',
        subject: 'kept',
        text: '.',
      });
      await again.stop();
      assert.equal((await (await startServer(smtpSink, env, { reuse: true })).mails()).length, 1);
      assert.deepEqual(await removeKeptServers(env), [first.containerName]);
      assert.equal(await exists(first.containerName), false);
    } finally {
      await removeKeptServers(env);
    }
  },
);

test('the servers of a process that was killed are gone soon, though nobody calls', { skip }, async () => {
  const { process: child, containerName } = await holder();
  assert.equal(await exists(containerName), true);
  await killed(child);
  const startedMs = performance.now();
  while (await exists(containerName)) {
    assert.ok(performance.now() - startedMs < GONE_WITHIN_MS, `${containerName} is still there`);
    await delay(100);
  }
  say(`gone ${Math.round(performance.now() - startedMs)} ms after the kill`);
  await reapServers(env);
  assert.deepEqual(readdirSync(sessionsRoot(env)), []);
});

test('where the watcher was killed, too, the next command removes what is left', { skip }, async () => {
  const { process: child, containerName } = await holder();
  const watching = watchers();
  assert.equal(watching.length, 1);
  for (const pid of watching) process.kill(pid, 'SIGKILL');
  await killed(child);
  assert.equal(await exists(containerName), true);
  const [reaped, ...others] = await reapServers(env);
  assert.deepEqual(others, []);
  assert.deepEqual(reaped?.containers, [containerName]);
  assert.equal(reaped.left, undefined);
  assert.equal(await exists(containerName), false);
  assert.deepEqual(readdirSync(sessionsRoot(env)), []);
});
