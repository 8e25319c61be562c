import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { cgroupsOf } from '../../../infra/providers/embedded/cgroups.ts';
import { untilGone } from '../../../infra/process/identity.ts';
import { CommandLine } from './command-line.ts';
import {
  endedWithoutItsCluster,
  processesNaming,
  statusOf,
  untilInjected,
  within,
} from './run-in-progress.ts';

const CLUSTER = `kept-${process.pid}`;
/** The promise: everything is undone within 7 s of the death of whoever made it. */
const UNDONE_WITHIN_MS = 7_000;
const AT_ONCE_MS = 2_000;
const SCENARIO = ['-g', 'outlives its deadline', '--cluster', CLUSTER];

describe('interruptions of a run on a cluster that stays', { concurrency: false }, () => {
  const line = new CommandLine();
  before(async () => {
    const { exitCode, output } = await line.firedrill('up', '--name', CLUSTER);
    assert.equal(exitCode, 0, output);
  });
  after(async () => {
    await line.firedrill('down', '--name', CLUSTER);
    line[Symbol.dispose]();
  });

  /** Every machine runs, with its cable in: asked of the machines' supervisor, not of Kubernetes. */
  async function damage(): Promise<string> {
    const { nodes } = await statusOf(CLUSTER);
    return nodes
      .filter((node) => node.power !== 'on' || node.frozen || node.cableOut)
      .map((node) => `${node.name} is ${node.power}${node.frozen ? ', frozen' : ''}`)
      .join('; ');
  }

  it('a worker that was killed has its faults undone, its trial is inconclusive, and the cluster stands', async () => {
    const { run, worker } = await untilInjected(line, SCENARIO);
    assert.match(await damage(), /frozen/);
    process.kill(worker.pid, 'SIGKILL');
    await within(UNDONE_WITHIN_MS, damage);
    const ended = await run.ended;
    assert.equal(ended.exitCode, 2, ended.output);
    const [verdict] = line.verdicts().values();
    assert.equal(verdict?.outcome, 'inconclusive');
    const findings = verdict.findings.map((finding) => finding.reason).join('\n');
    assert.doesNotMatch(findings, /undone/, 'the supervisor has undone it, and the journal says so');
    const { phase, holds } = await statusOf(CLUSTER);
    assert.deepEqual([phase, holds], ['ready', []]);
  });

  it('a launcher that was killed leaves nobody who injects or writes, its faults are undone, and the cluster stands', async () => {
    const { run, runner, worker, journal } = await untilInjected(line, SCENARIO);
    run.process.kill('SIGKILL');
    await Promise.all([
      untilGone(runner, AT_ONCE_MS),
      untilGone(worker, AT_ONCE_MS),
      within(UNDONE_WITHIN_MS, damage),
    ]);
    const writtenBytes = statSync(journal).size;
    await within(UNDONE_WITHIN_MS, async () => ((await statusOf(CLUSTER)).holds.length > 0 ? 'held' : ''));
    assert.equal(statSync(journal).size, writtenBytes);
    assert.equal((await statusOf(CLUSTER)).phase, 'ready');
  });

  it('a supervisor that was killed takes its cluster with it, the trial says so, and the next command clears away', async () => {
    const { run } = await untilInjected(line, SCENARIO);
    process.kill((await statusOf(CLUSTER)).pid, 'SIGKILL');
    const supervised = (): string =>
      processesNaming(CLUSTER)
        .filter((pid) => pid !== run.process.pid)
        .join(', ');
    await within(AT_ONCE_MS, supervised);
    await endedWithoutItsCluster(line, run, CLUSTER);
    await line.firedrill('reap');
    assert.deepEqual(JSON.parse((await line.firedrill('status', '--json')).output), []);
    // Its frozen node among them: a killed process that is frozen does not end before it is thawed.
    assert.deepEqual(cgroupsOf(CLUSTER), []);
  });
});
