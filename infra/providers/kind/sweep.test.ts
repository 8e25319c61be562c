import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { clusterPaths, clustersRoot } from '../../supervisor/cluster-directory.ts';
import { reap } from '../../reap.ts';
import type { KindPlan } from './kind-plan.ts';
import { FOREIGN_MARK } from './sweep.ts';
import { FakeEngine } from '../../engine/testing/fake-engine.ts';

const NODE = { status: 'running', network: 'kind', address: '172.18.0.2' } as const;

describe('what a killed supervisor of a kind cluster has left', () => {
  let engine: FakeEngine;
  let root: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    engine = new FakeEngine({ 'fd-lost-control-plane': NODE, 'fd-lost-worker': NODE });
    env = { ...engine.env, FIREDRILL_STATE_DIR: engine.directory };
    root = clustersRoot(env);
  });

  /** The directory of a cluster whose supervisor has ended. */
  function lose(plan: string | undefined): void {
    const paths = clusterPaths('lost', root);
    mkdirSync(paths.directory, { recursive: true });
    const { pid } = spawnSync('true');
    writeFileSync(paths.maker, JSON.stringify({ pid, startTicks: 1, bootId: 'an earlier one' }));
    writeFileSync(paths.provider, 'kind');
    if (plan !== undefined) writeFileSync(paths.spec, plan);
  }
  function plan(): string {
    const told = join(engine.directory, 'kind-calls');
    const empty = `echo '{}' > ${join(engine.directory, 'containers.json')}`;
    const kindPath = engine.script('kind', `echo "$KIND_EXPERIMENTAL_PROVIDER $@" >> ${told}; ${empty}`);
    const found: Pick<KindPlan, 'engine' | 'kindPath'> = {
      engine: { name: 'docker', version: '28' },
      kindPath,
    };
    return JSON.stringify(found);
  }

  it('is taken away by kind, with the engine that has made it', async () => {
    lose(plan());
    const [reaped] = await reap(env);
    assert.deepEqual([reaped?.cluster, reaped?.containers, reaped?.left], ['lost', 2, undefined]);
    assert.deepEqual([engine.containers, readdirSync(root)], [{}, []]);
  });

  it('stays, and is told, while the engine does not answer; the next look takes it away', async () => {
    lose(plan());
    engine.answers = false;
    const [reaped] = await reap(env);
    assert.match(reaped?.left ?? '', /Docker is installed and does not answer/);
    assert.deepEqual(readdirSync(root), ['lost']);
    engine.answers = true;
    assert.equal((await reap(env))[0]?.left, undefined);
    assert.deepEqual(readdirSync(root), []);
  });

  it("is nothing where it had never begun, or where the containers of its name are somebody else's", async () => {
    for (const written of [undefined, '{"spec":']) {
      lose(written);
      assert.equal((await reap(env))[0]?.containers, 0);
    }
    lose(plan());
    writeFileSync(join(clusterPaths('lost', root).directory, FOREIGN_MARK), '');
    assert.equal((await reap(env))[0]?.containers, 0);
    assert.equal(Object.keys(engine.containers).length, 2);
    assert.deepEqual(engine.calls, []);
  });
});
