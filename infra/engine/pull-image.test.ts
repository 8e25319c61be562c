import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { ContainerEngine } from './engine.ts';
import { pullImage } from './pull-image.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('pull');
const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` };

const engine = new ContainerEngine('docker', env);
const signal = AbortSignal.timeout(20_000);

/** An engine that runs this script, whatever it is asked. */
function engineDoes(script: string): void {
  writeFileSync(join(directory, 'docker'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'docker'), 0o755);
}

test('a pull says how far it is, also while the engine says nothing', async () => {
  engineDoes(
    'echo "0123456789ab: Pulling fs layer"; sleep 0.7; echo "0123456789ab: Pull complete"; sleep 0.7',
  );
  const told: string[] = [];
  await pullImage(engine, 'a/b:c', { signal, onProgress: (detail) => told.push(detail) });
  assert.deepEqual(
    [...new Set(told)],
    ['pulling a/b:c', 'pulling a/b:c, 1 layer', 'pulling a/b:c, 1 of 1 layer'],
  );
});

test('a pull that fails is told in the last words of the engine, whatever it has tried before', async () => {
  engineDoes(
    'echo "Trying to pull it..." >&2; echo "Error response from daemon: manifest unknown" >&2; exit 1',
  );
  await assert.rejects(pullImage(engine, 'a/b:c', { signal, onProgress: () => {} }), {
    code: 'engine.not-pulled',
    message: 'manifest unknown',
  });
  engineDoes('exec sleep 20');
  await assert.rejects(pullImage(engine, 'a/b:c', { signal, onProgress: () => {}, withinMs: 200 }), {
    code: 'engine.not-pulled',
    message: /not done after/,
  });
});

test('an engine that says nothing of a pull is given up, one that says something is not', async () => {
  engineDoes('exec sleep 20');
  await assert.rejects(pullImage(engine, 'a/b:c', { silentForMs: 200 }), {
    code: 'engine.not-pulled',
    message: 'the engine has said nothing for 0.2 s',
  });
  engineDoes('echo "v1: Pulling from a/b"; sleep 0.7');
  await pullImage(engine, 'a/b:c', { silentForMs: 500 });
});

test('who interrupts a pull is told nothing of registries', async () => {
  engineDoes('exec sleep 20');
  const interrupt = new AbortController();
  setTimeout(() => interrupt.abort(new Error('interrupted')), 100);
  await assert.rejects(
    pullImage(engine, 'a/b:c', { signal: interrupt.signal, onProgress: () => {} }),
    /interrupted/,
  );
});

test('an engine that is gone is not one that lacks an image', async () => {
  engineDoes('echo "Error: No such image: a/b:c" >&2; exit 1');
  assert.equal(await engine.hasImage('a/b:c'), false);
  engineDoes('echo "Cannot connect to the Docker daemon. Is the docker daemon running?" >&2; exit 1');
  await assert.rejects(engine.hasImage('a/b:c'), { code: 'engine.silent' });
});
