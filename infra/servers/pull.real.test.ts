import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ContainerEngine } from '../engine/engine.ts';
import { pullImage } from '../engine/pull-image.ts';
import { imageVariable } from './choose-image.ts';
import { engineAbsence, imageRegistry, startServer } from './index.ts';
import { openEngine } from './open-engine.ts';
import { lockedDoor } from './testing/locked-door.ts';

const skip = (await engineAbsence()) ?? false;
const directory = mkdtempSync(join(tmpdir(), 'firedrill-servers-'));
process.env['FIREDRILL_STATE_DIR'] = directory;
after(() => {
  rmSync(directory, { recursive: true });
});

const USER = 'drill:open sesame';

/** Gives an image of the engine another name, in a registry, and takes that name away from the engine. */
async function publish(image: string, reference: string): Promise<void> {
  const engine = await openEngine();
  await engine.call(['tag', image, reference]);
  await engine.call(['push', reference]);
  await forget(reference);
}

async function forget(reference: string): Promise<void> {
  const engine = await openEngine();
  if (await engine.hasImage(reference)) await engine.call(['image', 'rm', reference]);
}

test('a server whose image the environment names is pulled from there, and serves', { skip }, async () => {
  const variable = imageVariable(imageRegistry.name);
  await using mirror = await startServer(imageRegistry);
  const image = `${mirror.address}/library/registry:v1`;
  await publish(mirror.image, image);
  const said: string[] = [];
  process.env[variable] = image;
  try {
    await using server = await startServer(imageRegistry, { say: (line) => said.push(line) });
    assert.equal(server.image, image);
    assert.equal((await fetch(`${server.url}/v2/`)).status, 200);
    assert.ok(said.includes(`image-registry: ${image}, pulled, named by ${variable}`), said.join('\n'));
    process.env[variable] = `${mirror.address}/library/registry:v0`;
    await assert.rejects(startServer(imageRegistry), {
      code: 'servers.image-missing',
      userError: true,
      message: /manifest unknown/,
    });
  } finally {
    Reflect.deleteProperty(process.env, variable);
    await forget(image);
  }
});

test("a registry that asks for a password gets the user's", { skip }, async () => {
  await using registry = await startServer(imageRegistry);
  await using door = await lockedDoor(registry.url, USER);
  const image = `${door.address}/drill/registry:v1`;
  await publish(registry.image, `${registry.address}/drill/registry:v1`);
  const { name, env } = await openEngine();
  const pullWith = async (configuration: object): Promise<void> => {
    writeFileSync(join(directory, 'config.json'), JSON.stringify(configuration));
    await pullImage(new ContainerEngine(name, { ...env, DOCKER_CONFIG: directory }), image);
  };
  try {
    await assert.rejects(pullWith({}), { code: 'engine.not-pulled', message: /no basic auth|unauthorized/ });
    const auth = Buffer.from(USER).toString('base64');
    await pullWith({ auths: { [door.address]: { auth } } });
    assert.equal(await (await openEngine()).hasImage(image), true);
  } finally {
    await forget(image);
  }
});
