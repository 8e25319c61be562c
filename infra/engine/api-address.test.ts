import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { engineApi } from './api-address.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('api');
const env = { ...process.env, PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` };

/** A client of an engine; `$*` is what it is asked. */
function install(name: string, script: string): void {
  writeFileSync(join(directory, name), `#!/bin/sh\ncase "$*" in ${script} esac\n`);
  chmodSync(join(directory, name), 0o755);
}

const VERSION = 'version*|*Version*) echo 5.0.0;;';

test("Docker is where its context says, or DOCKER_HOST, or, under Podman's hands, where it always was", async () => {
  install('docker', `${VERSION} context*) echo unix:///home/a/docker.sock;;`);
  const address = 'unix:///home/a/docker.sock';
  assert.deepEqual(await engineApi('docker', env), { name: 'docker', address });
  assert.equal(
    (await engineApi('docker', { ...env, DOCKER_HOST: 'tcp://far:2375' })).address,
    'tcp://far:2375',
  );
  install('docker', `${VERSION} *) echo 'unrecognized command' >&2; exit 125;;`);
  assert.equal((await engineApi('docker', env)).address, 'unix:///var/run/docker.sock');
  install('docker', `${VERSION} context*) echo ssh://me@far;;`);
  await assert.rejects(engineApi('docker', env), { code: 'engine.no-api', message: /ssh:\/\/me@far/ });
});

test("Podman's socket counts when somebody listens there", async () => {
  install('podman', `*RemoteSocket*) echo true /run/user/7/podman/podman.sock;; ${VERSION}`);
  assert.equal((await engineApi('podman', env)).address, 'unix:///run/user/7/podman/podman.sock');
  install('podman', `*RemoteSocket*) echo true unix:///run/podman/podman.sock;; ${VERSION}`);
  assert.equal((await engineApi('podman', env)).address, 'unix:///run/podman/podman.sock');
  install('podman', `*RemoteSocket*) echo false /run/podman/podman.sock;; ${VERSION}`);
  await assert.rejects(engineApi('podman', env), {
    code: 'engine.no-api',
    message: /nobody serves .* at \/run\/podman\/podman\.sock/,
    hint: /start podman\.socket/,
  });
});

test('an engine that does not answer has no address, and nerdctl has none at all', async () => {
  install('podman', `*) echo 'Error: cannot connect to Podman' >&2; exit 125;;`);
  await assert.rejects(engineApi('podman', env), { code: 'engine.silent' });
  install('nerdctl', VERSION);
  await assert.rejects(engineApi('nerdctl', env), { code: 'engine.no-api' });
});
