import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatKubeconfig } from '../../../infra/kube/testing/kubeconfig.ts';
import { sharedApiServer, type SharedApiServer } from '../../../infra/kube/testing/shared-api-server.ts';
import { PERMISSION_CONFIG_MAP } from '../../core/owner/permission.ts';
import { adopt } from './adopt.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

let server: SharedApiServer;
const directory = temporaryDirectory('adopt');
let uid: string;

before(async () => {
  server = await sharedApiServer();
  writeFileSync(join(directory, 'config'), formatKubeconfig(server.target, { name: 'staging' }));
  const kube = server.client();
  for (const name of ['node-1', 'node-2']) {
    const labels: Record<string, string> = name === 'node-1' ? { pool: 'drill' } : {};
    await kube.create({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  }
  const system = await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' } as const);
  uid = system.metadata?.uid ?? '';
});
after(async () => {
  await server.stop();
});

async function run(...args: readonly string[]): Promise<string> {
  let told = '';
  const out = (text: string): void => void (told += text);
  const { signal } = new AbortController();
  const where = ['--context', 'staging', '--kubeconfig', join(directory, 'config')];
  assert.equal(await adopt.run([...where, ...args], { env: process.env, out, err: out, signal }), 0);
  return told;
}
const permission = async () => await server.client().find(PERMISSION_CONFIG_MAP);

test('without the UID it shows what would be allowed and the line that allows it, and writes nothing', async () => {
  const told = await run('--namespaces', 'default, shop', '--nodes', 'pool=drill');
  assert.match(told, new RegExp(`UID ${uid}`));
  assert.match(told, /pods would be allowed in 1 of \d+ namespaces: default\n {2}not there yet: shop/);
  assert.match(told, /nodes would be allowed, 1 of 2: node-1/);
  assert.match(told, new RegExp(`adopt --context staging .*--nodes pool=drill --confirm ${uid}`));
  assert.equal(await permission(), undefined);
});

test('it writes with this UID only, and only what was named', async () => {
  await assert.rejects(run('--nodes', '*', '--confirm', 'another'), { code: 'adopt.other-cluster' });
  await assert.rejects(run('--confirm', uid), { code: 'adopt.nothing-allowed' });
  await assert.rejects(run('--nodes', 'pool in (a', '--confirm', uid), { code: 'kube.bad-selector' });
  await assert.rejects(run('--nodes', ' ', '--confirm', uid), { code: 'adopt.empty-selector' });
  assert.equal(await permission(), undefined);
  assert.match(await run('--nodes', 'pool=drill', '--confirm', uid), /nodes may be hit, 1 of 2: node-1/);
  assert.deepEqual((await permission())?.data, { 'adopted-uid': uid, namespaces: '', nodes: 'pool=drill' });
  assert.match(await run(), /it is adopted: namespaces none, nodes pool=drill; nothing was written/);
});

test('a policy is written when it is understood, stays when nobody speaks of it, and goes when it is taken away', async () => {
  const file = join(directory, 'policy.yaml');
  const text =
    'freeze: [{ name: sale, from: 2026-11-27T00:00Z, to: 2026-12-01T00:00Z }]\nstop: [{ alert: Burns }]\n';
  writeFileSync(file, 'stops: []');
  const asked = ['--nodes', 'pool=drill', '--confirm', uid];
  await assert.rejects(run(...asked, '--policy', file), { code: 'policy.malformed' });
  await assert.rejects(run(...asked, '--policy', join(directory, 'absent')), { code: 'adopt.no-policy' });
  assert.equal((await permission())?.data?.['policy'], undefined);
  writeFileSync(file, text);
  const told = await run(...asked, '--policy', file);
  assert.match(told, /freeze windows: "sale"\n {2}stop conditions: Burns\n {2}second person: not asked for/);
  assert.equal((await permission())?.data?.['policy'], text);
  await run('--nodes', '*', '--confirm', uid);
  assert.deepEqual((await permission())?.data, {
    'adopted-uid': uid,
    namespaces: '',
    nodes: '*',
    policy: text,
  });
  await run(...asked, '--policy', 'none');
  assert.equal((await permission())?.data?.['policy'], undefined);
});

test('the owner takes the word back', async () => {
  assert.match(await run('--remove'), /staging is no longer adopted/);
  assert.equal(await permission(), undefined);
  assert.match(await run('--remove'), /was not adopted/);
});
