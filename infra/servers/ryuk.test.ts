import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { notPulled } from './engine.ts';
import { chooseReaper, RYUK_IMAGE } from './ryuk.ts';

const nowhere = {
  has: () => Promise.resolve(false),
  pull: () => Promise.reject(notPulled(new Error('no registry'))),
};

test('the reaper of testcontainers is left on where its image can be had', async () => {
  for (const source of [
    { ...nowhere, has: () => Promise.resolve(true) },
    { ...nowhere, pull: () => Promise.resolve() },
  ]) {
    const env: NodeJS.ProcessEnv = {};
    assert.equal((await chooseReaper(env, source)).who, 'ryuk');
    assert.deepEqual(env, {});
  }
});

test('where it cannot be had it is switched off, and a process of ours takes its place', async () => {
  const env: NodeJS.ProcessEnv = {};
  const { who, said } = await chooseReaper(env, nowhere);
  assert.equal(who, 'watcher');
  assert.match(said, /cannot be pulled: no registry/);
  assert.equal(env['TESTCONTAINERS_RYUK_DISABLED'], 'true');
});

test('who has switched it off, or named another image, is heeded', async () => {
  const asked: string[] = [];
  const source = { ...nowhere, has: (reference: string) => Promise.resolve(asked.push(reference) > 0) };
  assert.equal((await chooseReaper({ TESTCONTAINERS_RYUK_DISABLED: 'true' }, source)).who, 'watcher');
  assert.equal((await chooseReaper({ RYUK_CONTAINER_IMAGE: 'mirror/ryuk:1' }, source)).who, 'ryuk');
  assert.deepEqual(asked, ['mirror/ryuk:1']);
});

test('the image that is looked for is the one that this version of testcontainers takes', () => {
  const main = createRequire(import.meta.url).resolve('testcontainers');
  assert.ok(readFileSync(join(dirname(main), 'reaper', 'reaper.js'), 'utf8').includes(`"${RYUK_IMAGE}"`));
});
