import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noEngine } from './no-engine.ts';

const cause = new Error('none');

/** A machine with these sockets, some of which this user may use. */
function machine(sockets: readonly string[], usable: readonly string[] = sockets) {
  return {
    exists: (path: string) => sockets.includes(path),
    mayUse: (path: string) => usable.includes(path),
  };
}

test('each absence of an engine has its own words and its own next step', () => {
  const docker = '/var/run/docker.sock';
  const podman = '/run/user/1000/podman/podman.sock';
  const cases: readonly [NodeJS.ProcessEnv, ReturnType<typeof machine>, RegExp, RegExp][] = [
    [{}, machine([]), /DOCKER_HOST is not set and there is no/, /start Docker/],
    [
      { DOCKER_HOST: 'tcp://far:2375' },
      machine([docker]),
      /at DOCKER_HOST=tcp:\/\/far:2375/,
      /unset DOCKER_HOST/,
    ],
    [{}, machine([docker], []), /may not use it/, /group docker/],
    [{}, machine([docker]), /answers at \/var\/run\/docker\.sock/, /start Docker/],
    [
      { XDG_RUNTIME_DIR: '/run/user/1000' },
      machine([podman]),
      /socket of Podman/,
      /DOCKER_HOST=unix:\/\/\/run\/user\/1000\/podman\/podman\.sock/,
    ],
  ];
  for (const [env, sockets, message, hint] of cases) {
    const error = noEngine(env, cause, sockets);
    assert.equal(error.code, 'servers.no-engine');
    assert.equal(error.userError, true);
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
  }
});
