import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { clusterPaths, clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import {
  stagingCluster,
  type StagingCluster,
} from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { DEFAULT_OPTIONS } from '../../stage/options.ts';
import { busyPrograms } from '../../testing/busy-programs.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import type { Verdict } from '../../core/verdict.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { adoptAll } from './existing-present.ts';
import { gone, groupsOf, processesNaming, untilInjected } from './run-in-progress.ts';

/** Each attempt to deceive a verdict, or to harm what is not ours, on the running product. */
const CLUSTER = `trust-${process.pid}`;
const BUSY_PROGRAMS = 24;
const line = new CommandLine();
after(() => {
  line[Symbol.dispose]();
});

function reasonsOf({ findings }: Verdict): string {
  return findings.map(({ reason }) => reason).join('\n');
}

describe('a verdict that something tries to deceive', { concurrency: false }, () => {
  before(async () => {
    const { exitCode, output } = await line.firedrill('up', '--name', CLUSTER);
    assert.equal(exitCode, 0, output);
  });
  after(() => line.firedrill('down', '--name', CLUSTER));

  for (const [claim, title, expected, reason] of [
    ['held where nothing does', 'users come back in time', 'held', /./],
    ['inconclusive when the probe was taken away', 'the probe is taken away', 'inconclusive', /probe/],
    [
      'inconclusive when only a witness saw what hurt nobody',
      'only its kubelet does',
      'inconclusive',
      /nothing but its witness/,
    ],
    ['violated when pods were deleted before their machine was off', 'may still run', 'violated', /off/],
    ['not as expected when another claim is violated', 'is not what was to be', 'violated', /allowed 1 s/],
  ] as const)
    it(`is ${claim}`, async () => {
      const { output } = await line.test(['-g', title, '--control', '--cluster', CLUSTER]);
      const [verdict] = line.verdicts().values();
      assert.equal(verdict?.outcome, expected, output);
      assert.match(reasonsOf(verdict), reason);
      assert.equal(verdict.asExpected, expected === 'held', output);
    });

  it('is inconclusive when what took too long had no processor', async () => {
    using _busy = busyPrograms(BUSY_PROGRAMS);
    await line.test(['-g', 'an impossible limit is violated$', '--cluster', CLUSTER]);
    const [verdict] = line.verdicts().values();
    assert.equal(verdict?.outcome, 'inconclusive', verdict?.reason);
    assert.match(reasonsOf(verdict), /starved|no CPU|steady/);
  });

  it('is not given for objectives that share a name, or a query that is good without data', async () => {
    const folder = join(line.directory, 'scenarios');
    mkdirSync(folder);
    const scenario = (...objectives: readonly string[]): string =>
      [
        `import { expect, slo, test } from '${join(import.meta.dirname, '..', '..', 'index.ts')}';`,
        ...objectives,
        "test('a node is lost', async ({ trial }) => { trial.note('never'); });",
      ].join('\n');
    const slo = (query: string): string =>
      `slo({ name: 'availability', query: ${JSON.stringify(query)}, bound: { atLeast: 0.99 }, stableFor: '2s' });`;
    const refused = async (text: string, reason: RegExp): Promise<void> => {
      writeFileSync(join(folder, 'refused.spec.ts'), text);
      const { exitCode, output } = await line.test(['--cluster', CLUSTER], { FIREDRILL_SCENARIOS: folder });
      assert.equal(exitCode, 64, output);
      assert.match(output, reason);
      assert.match(output, /refused\.spec\.ts:\d+/);
    };
    await refused(scenario(slo('avg(up)'), slo('min(up)')), /two objectives are called "availability"/);
    await refused(scenario(slo('avg(up) or vector(1)')), /vector\(1\)/);
  });
});

describe('what is not ours', { concurrency: false }, () => {
  it('stays: stray files in the folders of clusters and caches, which disable nothing', async () => {
    const root = clustersRoot(ENVIRONMENT);
    mkdirSync(root, { recursive: true });
    const strays = [join(root, 'notes.txt'), join(root, 'somebody-elses', 'work.txt')];
    mkdirSync(join(root, 'somebody-elses'), { recursive: true });
    for (const path of strays) writeFileSync(path, 'mine');
    for (const verb of ['status', 'reap'] as const) {
      const { exitCode, output } = await line.firedrill(verb);
      assert.ok(exitCode === 0 || /notes\.txt|somebody-elses/.test(output), output);
    }
    for (const path of strays) assert.ok(existsSync(path), path);
  });

  it('stays: a cluster of the same name in another state directory, when ours is taken down', async () => {
    const theirs = { ...ENVIRONMENT, FIREDRILL_STATE_DIR: temporaryDirectory('state') };
    const name = `twin-${process.pid}`;
    const groups = (env: NodeJS.ProcessEnv) => clusterPaths(name, clustersRoot(env)).directory;
    using other = new CommandLine(theirs);
    const ups = await Promise.all([line, other].map((one) => one.firedrill('up', '--name', name)));
    for (const { exitCode, output } of ups) assert.equal(exitCode, 0, output);
    assert.notEqual(groups(theirs), groups(ENVIRONMENT));
    await line.firedrill('down', '--name', name);
    assert.deepEqual(groupsOf(name), []);
    const { output } = await other.firedrill('status', '--json');
    assert.match(output, new RegExp(`"name": ?"${name}"`));
    assert.match(output, /"phase": ?"ready"/);
    await other.firedrill('down', '--name', name);
  });

  it('stays, and all that is ours ends with a run that was killed: also a cluster that a trial has made for itself', async () => {
    const state = ENVIRONMENT.FIREDRILL_STATE_DIR ?? '';
    const { run } = await untilInjected(line, ['scenarios/machine-profiles-none'], {
      FIREDRILL_SCENARIOS: '',
    });
    assert.notDeepEqual(processesNaming(state), []);
    run.process.kill('SIGKILL');
    await run.ended;
    await gone(state);
  });
});

describe('a cluster of somebody else', { concurrency: false }, () => {
  let ours: StagingCluster;
  let strangers: StagingCluster;
  before(async () => {
    const signal = AbortSignal.timeout(570_000);
    // One may be hit, two have replicas of the healer, and one is left that can be lost.
    const topology = { ...DEFAULT_OPTIONS.cluster, workers: 4 };
    ours = await stagingCluster(`staging-${process.pid}`, ENVIRONMENT, signal, topology);
    strangers = await stagingCluster(`stranger-${process.pid}`, ENVIRONMENT, signal);
  });
  after(async () => {
    await ours[Symbol.asyncDispose]();
    await strangers[Symbol.asyncDispose]();
  });
  const words = (title: string, machines: readonly string[]): readonly string[] => [
    ...['-g', title, '--provider', 'existing', ...ours.reached, '--images', 'preloaded'],
    ...machines,
  ];

  it("is not drilled by another cluster's machine interface", async () => {
    await adoptAll(line, ours);
    const { exitCode, output } = await line.test(words('nobody listens', strangers.machines.options));
    assert.notEqual(exitCode, 0, output);
    assert.match(output, /has the machines of the cluster/);
    const states = await strangers.machines.client.states(AbortSignal.timeout(10_000));
    assert.deepEqual([...new Set([...states.values()].map(({ state }) => state))], ['on']);
  });

  it('has its other nodes observed, and not treated, by the healer that a drill brings', async () => {
    const limits = ['--namespaces', '*', '--nodes', 'kubernetes.io/hostname=node-1'];
    const adopted = await line.firedrill('adopt', ...ours.reached, ...limits, '--confirm', ours.uid);
    assert.equal(adopted.exitCode, 0, adopted.output);
    const { output } = await line.test(words('may not be hit is lost by itself', ours.machines.options));
    const [verdict] = line.verdicts().values();
    assert.equal(verdict?.outcome, 'held', output);
  });
});
