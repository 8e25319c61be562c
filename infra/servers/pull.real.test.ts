import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run } from '../process/run.ts';
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
async function publish(image: string, repository: string): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const docker = (await getContainerRuntimeClient()).container.dockerode;
  await docker.getImage(image).tag({ repo: repository, tag: 'v1' });
  const pushed = await docker
    .getImage(`${repository}:v1`)
    .push({ authconfig: { username: '', password: '' } });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(pushed, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  await forget(`${repository}:v1`);
}

async function forget(reference: string): Promise<void> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const docker = (await getContainerRuntimeClient()).container.dockerode;
  if (await (await openEngine()).hasImage(reference)) await docker.getImage(reference).remove();
}

test('a server whose image the environment names is pulled from there, and serves', { skip }, async () => {
  const variable = imageVariable(imageRegistry.name);
  await using mirror = await startServer(imageRegistry);
  const image = `${mirror.address}/library/registry:v1`;
  await publish(mirror.image, `${mirror.address}/library/registry`);
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
  await publish(registry.image, `${registry.address}/drill/registry`);
  const pullWith = async (configuration: object): Promise<string> => {
    const folder = join(directory, 'docker');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(configuration));
    const env = { ...process.env, DOCKER_CONFIG: folder };
    const program = join(import.meta.dirname, 'testing', 'pull-as-user.ts');
    return (await run(process.execPath, [program, image], { env })).trim();
  };
  try {
    assert.match(await pullWith({}), /no basic auth credentials|unauthorized/);
    const auth = Buffer.from(USER).toString('base64');
    assert.equal(await pullWith({ auths: { [door.address]: { auth } } }), 'pulled');
  } finally {
    await forget(image);
  }
});
