import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Outcome, Verdict } from '../../core/verdict.ts';
import { CommandLine } from './command-line.ts';

const CLUSTER = `meta-${process.pid}`;

describe('scenarios through the command line', { concurrency: false }, () => {
  const line = new CommandLine();

  before(async () => {
    const { exitCode, output } = await line.firedrill('up', '--name', CLUSTER);
    assert.equal(exitCode, 0, output);
  });
  after(async () => {
    await line.firedrill('down', '--name', CLUSTER);
    line[Symbol.dispose]();
  });

  /** Runs one scenario by its title and returns its verdict; the exit code has to be as given. */
  async function verdictOf(title: string, exitCode: number, ...args: readonly string[]): Promise<Verdict> {
    const ended = await line.test([
      '-g',
      `${title}( @control)?$`,
      '--cluster',
      CLUSTER,
      '--seed',
      '7',
      ...args,
    ]);
    const verdict = [...line.verdicts().values()][0];
    assert.ok(verdict, ended.output);
    assert.equal(ended.exitCode, exitCode, ended.output);
    return verdict;
  }

  const cases: readonly (readonly [title: string, outcome: Outcome, exitCode: number, reason: RegExp])[] = [
    ['a short hang is survived', 'held', 0, /./],
    ['an impossible limit is violated', 'violated', 1, /allowed 1 s/],
    ['a fault that does not bite proves nothing', 'inconclusive', 2, /did not bite|nobody saw its effect/],
    ['a Prometheus that dies takes the verdict with it', 'inconclusive', 2, /Prometheus|PromQL/],
    ['a plain expectation that fails is violated', 'violated', 1, /toBe/],
    ['a scenario that crashes proves nothing', 'inconclusive', 2, /the scenario has a mistake/],
    ['a guard refuses to take more than half of the nodes', 'inconclusive', 2, /half-of-nodes/],
  ];
  for (const [title, outcome, exitCode, reason] of cases)
    it(`${title}: ${outcome}, exit code ${exitCode}`, async () => {
      const verdict = await verdictOf(title, exitCode);
      assert.equal(verdict.outcome, outcome, verdict.reason);
      const reasons = verdict.findings.map((finding) => finding.reason).join('\n');
      assert.match(reasons, reason);
    });

  it('a trial that outlives its deadline is inconclusive, and its faults are undone', async () => {
    const title = 'a trial that outlives its deadline proves nothing';
    const ended = await line.test(['-g', title, '--cluster', CLUSTER], { FIREDRILL_USE_DEADLINE: '30s' });
    const verdict = [...line.verdicts().values()][0];
    assert.equal(ended.exitCode, 2, ended.output);
    assert.match(verdict?.findings.map((finding) => finding.reason).join('\n') ?? '', /deadline of 30 s/);
    assert.ok(verdict?.findings.some((finding) => finding.check === 'residue' && finding.outcome === 'held'));
  });

  it('a control counts by the verdict that it expects', async () => {
    const violated = await verdictOf('an impossible limit is violated, as expected', 0, '--control');
    assert.equal(violated.outcome, 'violated');
    const held = await verdictOf('a control that holds is not as expected', 1, '--control');
    assert.equal(held.outcome, 'held');
    assert.equal(held.asExpected, false);
  });

  it("a team's own manifests are a workload like ours", async () => {
    const verdict = await verdictOf('the greeter survives the loss of a node', 0);
    assert.equal(verdict.outcome, 'held');
    assert.ok(verdict.requests.total > 100);
  });

  it('a foreign healer and the workload of one run are gone in the next, pods included', async () => {
    const first = await verdictOf('a foreign healer stands beside a workload of its own', 0);
    assert.equal(first.outcome, 'held', first.reason);
    const second = await verdictOf('nothing of an earlier trial is left', 0);
    assert.equal(second.outcome, 'held', second.reason);
  });

  it('a start that is not steady is inconclusive, and nothing is injected', async () => {
    const verdict = await verdictOf('an unsteady start is refused', 2);
    assert.match(
      verdict.findings.map((finding) => finding.reason).join('\n'),
      /requests of the last 1 s failed/,
    );
    assert.deepEqual(verdict.targets, []);
  });

  it('the run leaves a report, and its journal gives the same verdict again without a cluster', async () => {
    const verdict = await verdictOf('a short hang is survived', 0);
    for (const file of ['index.html', 'junit.xml', 'allure-results', 'run.json'])
      assert.ok(existsSync(join(line.latest, file)), file);
    const journal = join(line.latest, 'trials', verdict.trialId, 'journal.jsonl');
    const { exitCode, output } = await line.firedrill('analyze', journal, '--json');
    assert.equal(exitCode, 0, output);
    assert.deepEqual(JSON.parse(output), verdict);
    assert.match(readFileSync(join(line.latest, 'index.html'), 'utf8'), /<svg/);
  });

  it("one of the runner's reporters reports beside ours", async () => {
    const title = 'a plain expectation that fails is violated';
    const ended = await line.test(['-g', title, '--cluster', CLUSTER, '--reporter', 'json']);
    assert.equal(ended.exitCode, 1, ended.output);
    assert.match(ended.output, /VIOLATED/);
    assert.match(ended.output, /"suites":/);
  });

  it('a second session on a cluster that is in use is refused', async () => {
    const first = line.start(['-g', 'a short hang is survived', '--cluster', CLUSTER]);
    await first.untilPrinted(/firedrill ·/);
    using other = new CommandLine();
    const second = await other.test(['-g', 'a short hang is survived', '--cluster', CLUSTER]);
    assert.equal(second.exitCode, 64, second.output);
    assert.match(second.output, /in use by session/);
    assert.equal((await first.ended).exitCode, 0, first.output);
  });
});
