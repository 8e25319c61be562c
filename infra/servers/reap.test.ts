import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, type ProcessIdentity } from '../process/identity.ts';
import { reapServers } from './reap.ts';
import { LABELS, recordPath, writeRecord, type SessionRecord } from './session-record.ts';
import { FakeEngine } from './testing/fake-engine.ts';

let directory: string;
let root: string;
let engine: FakeEngine;
let dead: ProcessIdentity;

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-servers-'));
  engine = new FakeEngine(join(directory, 'engine.sock'));
  await engine.start();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  dead = identityOf(child.pid ?? 0)!;
  child.kill('SIGKILL');
  await once(child, 'exit');
});
after(async () => {
  await engine.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => {
  root = mkdtempSync(join(directory, 'sessions-'));
  engine.containers.splice(0);
});

function record(session: string, facts: Partial<SessionRecord> = {}): string {
  const path = recordPath(root, session);
  writeRecord(path, {
    session,
    owner: dead,
    engine: `unix://${engine.socket}`,
    environment: { DOCKER_HOST: `unix://${engine.socket}`, HOME: directory },
    pending: {},
    ...facts,
  });
  return path;
}

function container(name: string, session: string): void {
  engine.containers.push({ id: `id-${name}`, name, labels: { [LABELS.session]: session } });
}

test('the servers of a dead process are removed, those of a live one and of strangers are not', async () => {
  const path = record('s1');
  const living = record('s2', { owner: identityOf(process.pid)! });
  container('one', 's1');
  container('two', 's1');
  container('living', 's2');
  container('stranger', 's3');
  const [reaped, ...others] = await reapServers(root);
  assert.deepEqual(others, []);
  assert.equal(reaped?.session, 's1');
  assert.deepEqual([...reaped.containers].sort(), ['one', 'two']);
  assert.equal(reaped.left, undefined);
  assert.deepEqual(
    engine.containers.map(({ name }) => name),
    ['living', 'stranger'],
  );
  assert.ok(!existsSync(path) && existsSync(living));
  assert.deepEqual(await reapServers(root), []);
});

test('a container that was being asked for is waited for, and the record stays until then', async () => {
  const path = record('s1', { pending: { late: Date.now() } });
  const [early] = await reapServers(root);
  assert.match(early?.left ?? '', /late was being made/);
  assert.ok(existsSync(path));
  container('late', 's1');
  const [then] = await reapServers(root);
  assert.deepEqual(then?.containers, ['late']);
  assert.ok(!existsSync(path));
  record('s1', { pending: { never: Date.now() - 60_000 } });
  assert.equal((await reapServers(root))[0]?.left, undefined);
});

test('while its engine does not answer, a session keeps its record, whatever other engine does', async () => {
  const gone = `unix://${join(directory, 'gone.sock')}`;
  const path = record('s1', { engine: gone, environment: { DOCKER_HOST: gone, HOME: directory } });
  const [reaped] = await reapServers(root);
  assert.match(reaped?.left ?? '', /answer/);
  assert.ok(existsSync(path));
});

test('the watcher removes the servers as soon as their process is gone, though nobody calls', async () => {
  const path = record('s1', { owner: dead });
  container('one', 's1');
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'watch-session.ts'), path], {
    env: { ...process.env, DOCKER_HOST: `unix://${engine.socket}`, HOME: directory },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(owner, 'exit').then(() => assert.fail('the owner has ended before it watched'));
  await Promise.race([once(owner.stdout, 'data'), ended]);
  assert.equal(engine.containers.length, 1);
  owner.kill('SIGKILL');
  const deadlineMs = performance.now() + 20_000;
  while (existsSync(path)) {
    assert.ok(performance.now() < deadlineMs, 'the watcher has done nothing');
    await delay(20);
  }
  assert.deepEqual(engine.containers, []);
});
