import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Cluster } from '../../infra/cluster.ts';
import { removeAdoption, writeAdoption } from '../../infra/borrowed/permission.ts';
import { requireUseLeft, spendApproval, USED_APPROVALS } from '../../infra/borrowed/approvals.ts';
import { NEEDED_RIGHTS, rightsManifests, whoAmI } from '../../infra/borrowed/rights.ts';
import { applyAll } from '../../infra/kube/apply.ts';
import { reach, type ReachedCluster } from '../../infra/providers/existing/reach.ts';
import { existingSettings } from '../../infra/providers/existing/settings.ts';
import { contextOf } from '../../infra/providers/existing/testing/context.ts';
import { sharedApiServer, type SharedApiServer } from '../../infra/kube/testing/shared-api-server.ts';
import { publicKeyOf } from '../core/owner/approval.ts';
import { given } from '../core/given.ts';
import { listScenarios } from './list-scenarios.ts';
import { planOf } from './plan.ts';
import { projectIn } from './project.ts';
import { requirePolicy, type PolicyQuestion } from './require-policy.ts';
import { parseTestArguments } from './test-arguments.ts';
import { approve } from '../cli/verbs/approve.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const ALLOWED = { namespaces: ['shop'] };
const WORDS = ['scenarios/node-loss', '--seed', '7'];
let server: SharedApiServer;
let owner: ReachedCluster;
let directory: string;
let cluster: Cluster;
let request: PolicyQuestion;
let me: string;
let env: NodeJS.ProcessEnv;
/** Of another user, whom the cluster knows as guest. */
let alice: NodeJS.ProcessEnv;
const contexts = new DisposableStack();

before(async () => {
  server = await sharedApiServer();
  ({ env } = contexts.use(contextOf(server.target)));
  ({ env: alice } = contexts.use(contextOf(server.guest)));
  owner = await reach(existingSettings(env));
  me = (await whoAmI(owner.kube)) ?? '';
  await applyAll(owner.kube, rightsManifests(NEEDED_RIGHTS, 'guest'), { fieldManager: 'owner' });
  directory = temporaryDirectory('approve');
  cluster = { kube: server.target, uid: owner.uid } as Cluster;
  const args = parseTestArguments(WORDS);
  const project = projectIn(process.cwd(), env);
  const { titles } = await listScenarios(args, project, env, new AbortController().signal);
  request = {
    words: () => WORDS.join(' '),
    plan: (seed, allowed) =>
      Promise.resolve(
        planOf({
          args,
          environment: env,
          titles,
          scenarioFolder: project.scenarioFolder,
          projectFolder: project.directory,
          seed,
          ...given({ allowed }),
        }),
      ),
  };
});
after(async () => {
  owner.kube.close();
  contexts.dispose();
  await server.stop();
});

async function sayAs(user: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<string> {
  let told = '';
  const out = (text: string): void => void (told += text);
  const { signal } = new AbortController();
  assert.equal(await approve.run(args, { env: user, out, err: out, signal }), 0);
  return told;
}
const say = (...args: readonly string[]) => sayAs(alice, ...args);
const file = (name: string): string => join(directory, name);
const newKey = async (name: string): Promise<string> => {
  const told = await say('--new-key', file(name), '--json');
  return (JSON.parse(told) as { publicKey: string }).publicKey;
};
const ask = (seed = 7) => requirePolicy(cluster, request, seed);

test('without a policy nobody is asked', async () => {
  await writeAdoption(owner, ALLOWED);
  assert.equal(await ask(), undefined);
});

test('in a freeze window no run begins', async () => {
  const [from, to] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
  const span = `{ name: sale, from: ${from?.slice(0, 16) ?? ''}Z, to: ${to?.slice(0, 16) ?? ''}Z }`;
  await writeAdoption(owner, ALLOWED, `freeze: [${span}]`);
  await assert.rejects(ask(), { code: 'guard.freeze-window', message: /"sale", which ends at 20/ });
});

test('a stop condition that cannot be read where the owner says keeps a run from beginning', async () => {
  await writeAdoption(owner, ALLOWED, 'prometheus: observability/prom\nstop: [{ alert: Burns }]');
  await assert.rejects(ask(), {
    code: 'guard.stop-condition',
    message: /"Burns" cannot be read: .*observability\/prom.*there is none/,
  });
});

test('a second person approves the run that was refused, and no other', async () => {
  const aliceKey = await newKey('alice');
  const myKey = await newKey('me');
  await newKey('mallory');
  const policy = `approvers: [{ user: guest, key: ${aliceKey} }, { user: '${me}', key: ${myKey} }]`;
  await writeAdoption(owner, ALLOWED, policy);
  await assert.rejects(ask(), {
    code: 'approval.missing',
    message: /second person to agree: guest or /,
    hint: /approve --key KEY --out FILE -- scenarios\/node-loss --seed 7; then run it again with --approval FILE/,
  });

  await assert.rejects(say('--', ...WORDS), { code: 'approve.no-key' });
  await assert.rejects(say('--key', file('alice'), '--', 'scenarios/node-loss'), { code: 'approve.no-seed' });
  await assert.rejects(say('--key', file('mallory'), '--', ...WORDS), { code: 'approve.not-an-approver' });
  await assert.rejects(say('--new-key', file('alice')), {
    code: 'approve.no-place',
    message: new RegExp(`--new-key ${file('alice')}: EEXIST`),
    hint: /what is there stays: approve with it \(--key\), or give the new key another name/,
  });
  assert.equal(publicKeyOf(readFileSync(file('alice'), 'utf8')), aliceKey);

  request = { ...request, approvalFile: file('approval') };
  await assert.rejects(ask(), { code: 'approval.unreadable' });
  const told = await say('--key', file('alice'), '--out', file('approval'), '--', ...WORDS);
  assert.match(told, /guest agrees, until 20.*, to one run, on the cluster .*trials: .*node-loss/s);
  const permit = await ask();
  assert.equal(permit?.runner, me);
  assert.equal(permit.plan?.['seed'], '7');
  await assert.rejects(ask(8), { code: 'approval.other-plan', message: /seed was 7 and is 8/ });
  // The owner lets more be hit than what was known when it was approved.
  await writeAdoption(owner, { namespaces: ['*'] }, policy);
  await assert.rejects(ask(), {
    code: 'approval.other-plan',
    message: /limits was namespaces shop, nodes none/,
  });
  await writeAdoption(owner, ALLOWED, policy);

  await sayAs(env, '--key', file('me'), '--out', file('approval'), '--', ...WORDS);
  await assert.rejects(ask(), { code: 'approval.same-person' });
  await say('--key', file('alice'), '--for', '1ms', '--out', file('approval'), '--', ...WORDS);
  await assert.rejects(ask(), { code: 'approval.expired' });
  await assert.rejects(requirePolicy(cluster, {}, 7), { code: 'approval.no-plan' });
});

test('whoever approves is who the cluster says they are, whatever key they have and whatever name the policy gives it', async () => {
  const key = await newKey('of-alice');
  const approval = ['--key', file('of-alice'), '--', ...WORDS];
  for (const [user, who] of [
    ['oidc:guest', alice],
    ['guest', env],
  ] as const) {
    await writeAdoption(owner, ALLOWED, `approvers: [{ user: '${user}', key: ${key} }]`);
    await assert.rejects(sayAs(who, ...approval), {
      code: 'approve.other-user',
      message: new RegExp(`that of ${user}, and to the cluster you are (guest|${me})$`),
    });
  }
});

test('an approval is given for no longer than the owner lets it', async () => {
  const key = await newKey('for-long');
  const policy = `approvals: { longest: 1h }\napprovers: [{ user: guest, key: ${key} }]`;
  await writeAdoption(owner, ALLOWED, policy);
  const long = ['--key', file('for-long'), '--for', '61m', '--', ...WORDS];
  assert.match(await say('--key', file('for-long'), '--', ...WORDS), /guest agrees/);
  await assert.rejects(say(...long), { code: 'approve.too-long', message: /--for 61m: .* 60 min at most/ });
});

test('an approval that is used up is refused before anything is made, and its count is on the cluster', async () => {
  const key = await newKey('twice');
  await writeAdoption(owner, ALLOWED, `approvals: { uses: 2 }\napprovers: [{ user: guest, key: ${key} }]`);
  request = { ...request, approvalFile: file('twice-approval') };
  await say('--key', file('twice'), '--out', file('twice-approval'), '--', ...WORDS);
  const written = async () => (await owner.kube.find(USED_APPROVALS))?.metadata?.resourceVersion;
  assert.equal(await written(), undefined);
  const spendable = (await ask())?.spendable;
  assert.ok(spendable);
  assert.equal(await written(), undefined, 'to ask uses nothing up');
  await spendApproval(owner.kube, spendable, 'run-1');
  assert.ok(await ask());
  await spendApproval(owner.kube, spendable, 'run-2');
  const before = await written();
  await assert.rejects(ask(), {
    code: 'approval.used-up',
    message: /good for 2 runs, and was used by run-1, run-2/,
  });
  await assert.rejects(spendApproval(owner.kube, spendable, 'run-3'), { code: 'approval.used-up' });
  assert.equal(await written(), before);
});

test('of several runs at once that want the last use one has it, and expired approvals are forgotten', async () => {
  const expiresAtWallMs = Date.now() + 60_000;
  const one = { id: 'a'.repeat(64), uses: 1, expiresAtWallMs };
  await spendApproval(owner.kube, { ...one, id: 'b'.repeat(64), expiresAtWallMs: 1 }, 'old');
  const spent = await Promise.allSettled(['1', '2', '3'].map((run) => spendApproval(owner.kube, one, run)));
  assert.deepEqual(spent.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected', 'rejected']);
  const data = (await owner.kube.find(USED_APPROVALS))?.data ?? {};
  assert.deepEqual([one.id in data, 'b'.repeat(64) in data], [true, false]);
  await requireUseLeft(owner.kube, { ...one, id: 'c'.repeat(64) });
  await removeAdoption(owner);
  assert.equal(await owner.kube.find(USED_APPROVALS), undefined, 'it goes with the permission');
});

test('where the policy asks for nobody, nothing is signed', async () => {
  await writeAdoption(owner, ALLOWED);
  await assert.rejects(say('--key', file('alice'), '--', ...WORDS), { code: 'approve.not-asked' });
  writeFileSync(file('no-key'), 'none');
  await assert.rejects(say('--key', file('no-key'), '--', ...WORDS), { code: 'approval.bad-key' });
});
