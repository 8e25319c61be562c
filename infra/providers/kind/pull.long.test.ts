import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { ClusterSpec, ProvisionProgress } from '../../cluster.ts';
import { ContainerEngine } from '../../engine/engine.ts';
import { findEngine, type EngineSearch } from '../../engine/find-engine.ts';
import {
  engineAbsence,
  imageRegistry,
  startServer,
  type ImageRegistry,
  type StartedServer,
} from '../../servers/index.ts';
import { clustersRoot } from '../../supervisor/cluster-directory.ts';
import { kindName } from './kind-plan.ts';
import { containersOf } from './containers.ts';
import { kindProvider } from './provider.ts';
import { kindSettings } from './settings.ts';
import { temporaryDirectory } from '../../../harness/testing/temporary-directory.ts';

const IMAGE = process.env['FIREDRILL_NODE_IMAGE'] ?? '';
const search = await findEngine(kindSettings(process.env), process.env);
const engine = new ContainerEngine(search.engine?.name ?? 'docker', process.env);
const skip = await whyNot(search);

/** Nobody has to be told that a registry on this machine is without encryption: Docker takes that for granted. */
async function whyNot(found: EngineSearch): Promise<string | false> {
  if (found.engine === undefined) return found.reasons.join('; ');
  if (found.engine.name !== 'docker')
    return `${found.engine.name} has to be told to pull from a registry without encryption`;
  if (IMAGE === '') return 'FIREDRILL_NODE_IMAGE names no image that could be put into a registry';
  if (!(await engine.hasImage(IMAGE))) return `the engine does not have ${IMAGE}`;
  return (await engineAbsence(process.env)) ?? false;
}

function specOf(name: string): ClusterSpec {
  return { name, workers: 1, zones: 1, infraNodes: 0, machineProfile: 'none', environment: 'test' };
}

describe('a node image that the engine does not have', { concurrency: false, skip }, () => {
  const signal = AbortSignal.timeout(540_000);
  const directory = temporaryDirectory('test');
  const env = { ...process.env, FIREDRILL_STATE_DIR: directory };
  const providerOf = (image: string) => kindProvider({ ...env, FIREDRILL_NODE_IMAGE: image });
  let registry: StartedServer & ImageRegistry;
  let tagged: string;
  let digested: string;

  before(async () => {
    registry = await startServer(imageRegistry, env, { signal });
    tagged = `${registry.address}/kindest/node:v1`;
    await engine.call(['tag', IMAGE, tagged]);
    const pushed = await engine.call(['push', tagged], { withinMs: 300_000, signal });
    digested = `${registry.address}/kindest/node@${/sha256:[0-9a-f]{64}/.exec(pushed)?.[0] ?? ''}`;
  });
  after(async () => {
    const provider = kindProvider(env);
    for (const name of await provider.list()) await provider.end(name, { force: true });
    for (const name of [tagged, digested]) await forget(name);
    await registry.stop();
  });

  async function forget(name: string): Promise<void> {
    if (await engine.hasImage(name)) await engine.call(['image', 'rm', name]);
  }

  for (const by of ['tag', 'digest'])
    it(`is pulled by its ${by}, and nodes are made of it`, async () => {
      for (const name of [tagged, digested]) await forget(name);
      const image = by === 'tag' ? tagged : digested;
      assert.equal(await engine.hasImage(image), false);
      const told: ProvisionProgress[] = [];
      const name = `${by}-${process.pid}`;
      const cluster = await providerOf(image).provision(
        specOf(name),
        (progress) => told.push(progress),
        signal,
      );
      const pull = told.filter(({ step }) => step === 'image');
      assert.equal(pull[0]?.detail, `pulling ${image}`);
      assert.equal(pull.at(-1)?.detail, `${image} pulled`);
      assert.ok(told.some(({ detail }) => detail === 'kind: preparing nodes'));
      const format = ['--format', '{{.Config.Image}}'];
      const made = await engine.call(['container', 'inspect', ...format, `${kindName(name)}-worker`]);
      assert.equal(made.trim(), image);
      await cluster.destroy();
    });

  it('that its registry does not have is a reason to name another, and nothing is made', async () => {
    const image = `${registry.address}/kindest/node:v0`;
    const name = `bare-${process.pid}`;
    await assert.rejects(
      providerOf(image).provision(specOf(name), () => {}, signal),
      { code: 'kind.image-missing', userError: true, hint: /answers and has no such image/ },
    );
    assert.deepEqual(await containersOf(engine, kindName(name)), []);
    assert.deepEqual(readdirSync(clustersRoot(env)), []);
  });
});
