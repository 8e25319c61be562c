import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { copyProject } from '../../../ci/mutants/project-copy.ts';
import { writeKubeconfig } from '../../../infra/kube/testing/kubeconfig.ts';
import { stagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { openToolchain } from '../../../infra/toolchain/index.ts';
import { cacheRoot } from '../../../infra/toolchain/settings.ts';
import { fencesOf, ROOT, textOf } from '../../testing/documents.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { documentExamples } from './document-examples.ts';
import { SESSIONS, type Step } from './document-sessions.ts';
import { makeSecondUser, SECOND_USER } from './existing-runner.ts';
import { filledIn, typeLine, type Choices } from './typed-line.ts';

const BORROWED = textOf('infra/borrowed/README.md');
/** What would confuse a command that a user types: settings of ours, and what npm and the test runner tell their children. */
const NOT_OF_A_USER = /^(FIREDRILL_|XDG_|npm_(?!config_)|NODE_(TEST_CONTEXT|OPTIONS|COMPILE_CACHE)$)/;

/**
 * A user with a home of their own and the project in it, whose first command installs what it needs; of this machine's user they
 * have the tools and npm's settings.
 */
class NewUser {
  readonly home = temporaryDirectory('home');
  readonly clone = join(this.home, 'clone');
  readonly own = join(this.home, 'own');
  readonly env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !NOT_OF_A_USER.test(name))),
    HOME: this.home,
    XDG_CACHE_HOME: dirname(cacheRoot(process.env)),
    npm_config_cache: join(homedir(), '.npm'),
    npm_config_userconfig: join(homedir(), '.npmrc'),
    npm_config_prefer_offline: 'true',
  };
  /** By the words that stand for them in the documents. */
  readonly #choices: Record<string, string>;

  constructor(choices: Choices = {}) {
    this.#choices = { ...choices };
    // Sources that nobody has committed yet are those of the commands, too.
    execFileSync('git', ['clone', '--quiet', ROOT, this.clone]);
    copyProject(ROOT, this.clone);
    mkdirSync(join(this.own, 'scenarios'), { recursive: true });
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.home, path), filledIn(text, this.#choices));
  }

  async type(step: Step, folder: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
    const place = { cwd: join(this.home, folder), env: { ...this.env, ...env } };
    const { exitCode, output } = await typeLine(step, this.#choices, place);
    assert.match(output, step.says);
    assert.equal(exitCode, step.exitCode ?? 0, output);
    for (const [word, pattern] of Object.entries(step.keeps ?? {}))
      this.#choices[word] = pattern.exec(output)?.[1] ?? '';
  }
}

describe('a clone', { concurrency: false }, () => {
  const user = new NewUser();
  let bin = '';
  before(async () => {
    const { kubectl } = await openToolchain(process.env).ensure(['kubectl']);
    bin = dirname(kubectl.path);
  });

  for (const step of SESSIONS['a clone'])
    it(step.line, () => user.type(step, 'clone', { PATH: `${bin}${delimiter}${user.env['PATH'] ?? ''}` }));
});

describe('a package', { concurrency: false }, () => {
  const user = new NewUser({ PATH: '../clone' });
  const example = documentExamples().find(({ file }) => file === 'examples/README-md-0.ts');
  user.write('own/scenarios/x.spec.ts', example?.text ?? '');

  for (const step of SESSIONS['a package'])
    it(step.line, () => user.type(step, step.line === 'npm pack' ? 'clone' : 'own'));
});

/** A scenario of the document's own workload. */
const scenario = (name: string, fault: string): string => `
import { expect, nodePowerOff, podKill, slo, test } from '../../harness/index.ts';
${fencesOf(BORROWED, 'ts')[0] ?? ''}
const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="shop",outcome="ok"}[$window])) / ' +
    'sum(rate(probe_requests_total{target="shop",outcome!="skipped"}[$window]))',
  ...{ window: '4s', bound: { atLeast: 0.99 }, stableFor: '5s', delay: '1s' },
});

test('the shop survives ${name}', async ({ trial }) => {
  const loss = await trial.inject(${fault});
  await expect(available).toRecoverWithin('30s', { after: loss });
});
`;

describe('a cluster that runs already', { concurrency: false }, () => {
  const owner = new AsyncDisposableStack();
  let user: NewUser;
  let alice = '';
  before(async () => {
    const env = { ...process.env, FIREDRILL_STATE_DIR: temporaryDirectory('owner') };
    const staging = owner.use(await stagingCluster('staging', env, AbortSignal.timeout(300_000)));
    await staging.openShop();
    const { url, caFile, tokenFile, urlFromPods } = staging.machines.settings;
    user = new NewUser({
      shop: 'storefront',
      'registry.example/team': 'preloaded',
      'https://bmc.example:8443': url,
      'ca.crt': caFile,
      token: tokenFile,
      'https://10.0.0.1:8443': urlFromPods,
      'alice@example.com': SECOND_USER,
    });
    const { items } = await staging.kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    const names = items.map(({ metadata }) => metadata?.name ?? '').filter((name) => /^node-/.test(name));
    for (const name of names)
      await staging.kube.patch({ apiVersion: 'v1', kind: 'Node', name }, 'merge', {
        metadata: { labels: { pool: 'drill' } },
      });
    await writeKubeconfig(join(user.home, '.kube', 'config'), staging.kube.target, { name: 'staging' });
    alice = join(user.home, 'alice');
    await makeSecondUser(staging, alice, 'staging');
    const pod = "{ namespace: 'shop', labels: 'app=shop', mode: 'one' }";
    user.write(
      'clone/scenarios/pod/shop.spec.ts',
      scenario('the death of a pod', `podKill({ pod: ${pod} })`),
    );
    const node = "{ hosting: 'app=shop', mode: 'one' }";
    user.write(
      'clone/scenarios/node/shop-power.spec.ts',
      scenario('the loss of a node', `nodePowerOff({ node: ${node} })`),
    );
  });
  after(() => owner.disposeAsync());

  for (const step of SESSIONS['a cluster that runs already'])
    it(step.line, async () => {
      // The key that was printed before stands in it.
      const [, approvals = ''] = /^(approvals:[^]*)/m.exec(fencesOf(BORROWED, 'yaml')[0] ?? '') ?? [];
      user.write('clone/policy.yaml', approvals);
      await user.type(step, 'clone', step.by === 'alice' ? { KUBECONFIG: alice } : {});
    });
});

describe('a guest', () => {
  const user = new NewUser();
  for (const step of SESSIONS['a guest']) it(step.line, () => user.type(step, 'clone'));
});
