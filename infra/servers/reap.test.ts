import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FakeEngine } from '../engine/testing/fake-engine.ts';
import { ownName } from '../process/identity.ts';
import { LABELS, recordPath, reapServers, writeRecord, type SessionRecord } from './reap.ts';

/** A process that started at another tick than ours. */
const DEAD = `${process.pid}-1-0123abcd`;
const LIVING = ownName();

let engine: FakeEngine;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  engine = new FakeEngine({});
  env = { ...engine.env, FIREDRILL_STATE_DIR: join(engine.directory, 'state') };
});

function record(session: string, facts: Partial<SessionRecord> = {}): string {
  const path = recordPath(session, env);
  writeRecord(path, { engine: 'docker', environment: env, pending: [], ...facts });
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
  assert.deepEqual(await reapServers(env), [{ session: DEAD, containers: ['one', 'two'] }]);
  assert.deepEqual(Object.keys(engine.containers), ['living', 'stranger']);
  assert.ok(!existsSync(path) && existsSync(living));
  assert.deepEqual(await reapServers(env), []);
});

test('a container that was being asked for is waited for, and the record stays until then', async () => {
  const path = record(DEAD, { pending: ['late'] });
  const [early] = await reapServers(env);
  assert.match(early?.left ?? '', /late was being made/);
  assert.ok(existsSync(path));
  container('late', DEAD);
  const [then] = await reapServers(env);
  assert.deepEqual(then?.containers, ['late']);
  assert.ok(!existsSync(path));
  const minuteAgo = new Date(Date.now() - 60_000);
  utimesSync(record(DEAD, { pending: ['never'] }), minuteAgo, minuteAgo);
  assert.equal((await reapServers(env))[0]?.left, undefined);
});

test('a session is ended on its own engine, and keeps its record while that does not answer, whatever other engine does', async () => {
  const path = record(DEAD, { environment: { ...env, DOCKER_HOST: 'unix:///there.sock' } });
  const asked = join(engine.directory, 'asked');
  engine.script(
    'bin/docker',
    `echo "$DOCKER_HOST" > ${asked}; echo 'Cannot connect to the Docker daemon' >&2; exit 1`,
  );
  const [reaped] = await reapServers(env);
  assert.match(reaped?.left ?? '', /does not answer/);
  assert.equal(readFileSync(asked, 'utf8'), 'unix:///there.sock\n');
  assert.ok(existsSync(path));
});

test('the watcher removes the servers as soon as their process is gone, though nobody calls', async () => {
  const path = record(DEAD);
  container('one', DEAD);
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'watch-session.ts'), path], {
    env,
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
