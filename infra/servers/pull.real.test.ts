import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ContainerEngine } from '../engine/engine.ts';
import { pullImage } from '../engine/pull-image.ts';
import { imageVariable } from './choose-image.ts';
import { engineAbsence, imageRegistry, startServer } from './index.ts';
import { openEngine } from './open-engine.ts';
import { lockedDoor } from './testing/locked-door.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const directory = temporaryDirectory('servers');
const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
const skip = (await engineAbsence(env)) ?? false;

const USER = 'drill:open sesame';

/** Gives an image of the engine another name, in a registry, and takes that name away from the engine. */
async function publish(image: string, reference: string): Promise<void> {
  const engine = await openEngine(env);
  await engine.call(['tag', image, reference]);
  await engine.call(['push', reference]);
  await forget(reference);
}

async function forget(reference: string): Promise<void> {
  const engine = await openEngine(env);
  if (await engine.hasImage(reference)) await engine.call(['image', 'rm', reference]);
}

test('a server whose image the environment names is pulled from there, and serves', { skip }, async () => {
  const variable = imageVariable(imageRegistry.name);
  await using mirror = await startServer(imageRegistry, env);
  const image = `${mirror.address}/library/registry:v1`;
  await publish(mirror.image, image);
  const said: string[] = [];
  try {
    const named = { ...env, [variable]: image };
    await using server = await startServer(imageRegistry, named, { say: (line) => said.push(line) });
    assert.equal(server.image, image);
    assert.equal((await fetch(`${server.url}/v2/`)).status, 200);
    assert.ok(said.includes(`image-registry: ${image}, pulled, named by ${variable}`), said.join('\n'));
    const missing = { ...env, [variable]: `${mirror.address}/library/registry:v0` };
    await assert.rejects(startServer(imageRegistry, missing), {
      code: 'servers.image-missing',
      userError: true,
      message: /manifest unknown/,
    });
  } finally {
    await forget(image);
  }
});

test("a registry that asks for a password gets the user's", { skip }, async () => {
  await using registry = await startServer(imageRegistry, env);
  await using door = await lockedDoor(registry.url, USER);
  const image = `${door.address}/drill/registry:v1`;
  await publish(registry.image, `${registry.address}/drill/registry:v1`);
  const engine = await openEngine(env);
  const pullWith = async (configuration: object): Promise<void> => {
    writeFileSync(join(directory, 'config.json'), JSON.stringify(configuration));
    await pullImage(new ContainerEngine(engine.name, { ...engine.env, DOCKER_CONFIG: directory }), image);
  };
  try {
    await assert.rejects(pullWith({}), { code: 'engine.not-pulled', message: /no basic auth|unauthorized/ });
    const auth = Buffer.from(USER).toString('base64');
    await pullWith({ auths: { [door.address]: { auth } } });
    assert.equal(await engine.hasImage(image), true);
  } finally {
    await forget(image);
  }
});
