import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FakeEngine } from '../engine/testing/fake-engine.ts';
import { ownName } from '../process/identity.ts';
import { LABELS, recordPath, reapServers, writeRecord, type SessionRecord } from './reap.ts';

/** A process that started at another tick than ours. */
const DEAD = `${process.pid}-1-0123abcd`;
const LIVING = ownName();

let engine: FakeEngine;
let root: string;
beforeEach(() => {
  engine = new FakeEngine({});
  root = join(engine.directory, 'sessions');
});
afterEach(() => engine[Symbol.dispose]());

function record(session: string, facts: Partial<SessionRecord> = {}): string {
  const path = recordPath(session, root);
  writeRecord(path, { engine: 'docker', environment: process.env, pending: [], ...facts });
  return path;
}

function container(name: string, session: string): void {
  const labels = { [LABELS.session]: session };
  engine.containers = {
    ...engine.containers,
    [name]: { status: 'running', network: '', address: '', labels },
  };
}

test('the servers of a dead process are removed, those of a live one and of strangers are not', async () => {
  const path = record(DEAD);
  const living = record(LIVING);
  container('one', DEAD);
  container('two', DEAD);
  container('living', LIVING);
  container('stranger', 's3');
  assert.deepEqual(await reapServers(root), [{ session: DEAD, containers: ['one', 'two'] }]);
  assert.deepEqual(Object.keys(engine.containers), ['living', 'stranger']);
  assert.ok(!existsSync(path) && existsSync(living));
  assert.deepEqual(await reapServers(root), []);
});

test('a container that was being asked for is waited for, and the record stays until then', async () => {
  const path = record(DEAD, { pending: ['late'] });
  const [early] = await reapServers(root);
  assert.match(early?.left ?? '', /late was being made/);
  assert.ok(existsSync(path));
  container('late', DEAD);
  const [then] = await reapServers(root);
  assert.deepEqual(then?.containers, ['late']);
  assert.ok(!existsSync(path));
  const minuteAgo = new Date(Date.now() - 60_000);
  utimesSync(record(DEAD, { pending: ['never'] }), minuteAgo, minuteAgo);
  assert.equal((await reapServers(root))[0]?.left, undefined);
});

test('a session is ended on its own engine, and keeps its record while that does not answer, whatever other engine does', async () => {
  const path = record(DEAD, { environment: { ...process.env, DOCKER_HOST: 'unix:///there.sock' } });
  const asked = join(engine.directory, 'asked');
  engine.script(
    'bin/docker',
    `echo "$DOCKER_HOST" > ${asked}; echo 'Cannot connect to the Docker daemon' >&2; exit 1`,
  );
  const [reaped] = await reapServers(root);
  assert.match(reaped?.left ?? '', /does not answer/);
  assert.equal(readFileSync(asked, 'utf8'), 'unix:///there.sock\n');
  assert.ok(existsSync(path));
});

test('the watcher removes the servers as soon as their process is gone, though nobody calls', async () => {
  const path = record(DEAD);
  container('one', DEAD);
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'watch-session.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(owner, 'exit').then(() => assert.fail('the owner has ended before it watched'));
  await Promise.race([once(owner.stdout, 'data'), ended]);
  assert.deepEqual(Object.keys(engine.containers), ['one']);
  owner.kill('SIGKILL');
  const deadlineMs = performance.now() + 20_000;
  while (existsSync(path)) {
    assert.ok(performance.now() < deadlineMs, `the watcher of ${basename(path)} has done nothing`);
    await delay(20);
  }
  assert.deepEqual(engine.containers, {});
});
