import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownIdentity } from '../../../infra/process/identity.ts';
import { clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { down } from './down.ts';
import { kubeconfig } from './kubeconfig.ts';
import { reap } from './reap.ts';
import { status } from './status.ts';
import type { Verb } from './verb.ts';

const directory = temporaryDirectory('unclaimed');
const env = { FIREDRILL_STATE_DIR: directory, TMPDIR: directory, PATH: directory };
const root = clustersRoot(env);
const DEAD = { ...ownIdentity(), startTicks: 1 };

/** The directory of a cluster, as a version with other providers would leave it. */
function leave(name: string, provider: string, maker = DEAD): void {
  mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, name, 'provider'), provider);
  writeFileSync(join(root, name, 'maker.json'), JSON.stringify(maker));
}

async function run(verb: Verb, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const { signal } = new AbortController();
  const context = {
    env,
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    signal,
  };
  return { code: await verb.run(args, context), out, err };
}

test('a cluster of a provider that this version does not have is told with the next step, and hinders no other', async () => {
  leave('strange', 'cloud', ownIdentity());
  leave('stranger', 'cloud');
  leave('ours', 'kind');
  const unknown = { code: 'provider.unknown', userError: true } as const;

  const listed = await run(status);
  assert.equal(listed.code, 0);
  assert.match(
    listed.out,
    /^strange {2}unclaimed\n {2}.* the provider "cloud", .*\n {4}next: .* npm run firedrill -- down --name strange$/m,
  );
  assert.match(
    listed.out,
    /^stranger {2}unclaimed\n.* has died\n {4}next: npm run firedrill -- reap .*clusters\/stranger$/m,
  );
  assert.deepEqual(readdirSync(root), ['strange', 'stranger'], 'status has cleared the other away');
  assert.equal(listed.err, 'cleared up after a supervisor that was killed: ours: its files\n');

  for (const name of ['strange', 'stranger'])
    for (const verb of [status, kubeconfig, down])
      await assert.rejects(run(verb, '--name', name), {
        ...unknown,
        message: new RegExp(`cluster ${name} `),
      });

  leave('ours', 'kind');
  await assert.rejects(run(down, '--all'), unknown);
  assert.deepEqual(readdirSync(root), ['strange', 'stranger'], 'down has ended the other');

  leave('ours', 'kind');
  const reaped = await run(reap);
  assert.equal(reaped.code, 1);
  assert.match(reaped.out, /^ours: its files$/m);
  assert.match(reaped.out, /cluster stranger was made by the provider "cloud"/);
  assert.doesNotMatch(reaped.out, /cluster strange /);
  assert.deepEqual(readdirSync(root), ['strange', 'stranger']);
});

test('reap of kept servers, where no engine answers, leaves all as it is and says why', async () => {
  leave('ours', 'kind');
  await assert.rejects(run(reap, '--servers'), { code: 'engine.none', userError: true });
  assert.ok(readdirSync(root).includes('ours'));
});
