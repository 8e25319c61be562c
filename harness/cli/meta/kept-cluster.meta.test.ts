import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { untilGone } from '../../../infra/process/identity.ts';
import { entriesOf } from '../../core/journal/journal.ts';
import type { Outcome, Verdict } from '../../core/verdict.ts';
import { readJournal } from '../../trial/journal-file.ts';
import { CommandLine, type Ended, type Started } from './command-line.ts';
import {
  endedWithoutItsCluster,
  groupsOf,
  processesNaming,
  statusOf,
  untilInjected,
  within,
} from './run-in-progress.ts';

const CLUSTER = `kept-${process.pid}`;
/** The promise: everything is undone within 7 s of the death of whoever made it. */
const UNDONE_WITHIN_MS = 7_000;
const AT_ONCE_MS = 2_000;

const line = new CommandLine();
before(async () => {
  const { exitCode, output } = await line.firedrill('up', '--name', CLUSTER);
  assert.equal(exitCode, 0, output);
});
after(async () => {
  await line.firedrill('down', '--name', CLUSTER);
  line[Symbol.dispose]();
});

interface EndedRun extends Ended {
  readonly directory: string;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** Scenarios that are to end alike share a run: each costs its own time then, and not that of a start. */
function words(titles: readonly string[], ...others: readonly string[]): readonly string[] {
  return ['-g', `(${titles.join('|')})( @control)?$`, '--cluster', CLUSTER, '--seed', '7', ...others];
}

async function endOf(run: Started): Promise<EndedRun> {
  const ended = await run.ended;
  return { ...ended, directory: line.latest, verdicts: line.verdicts() };
}

/** The verdict of one scenario in a run that has to have ended with this exit code. */
function verdictOf({ verdicts, exitCode, output }: EndedRun, title: string, expected: number): Verdict {
  const [, verdict] = [...verdicts].find(([path]) => path.split(' › ').at(-1) === title) ?? [];
  assert.ok(verdict, output);
  assert.equal(exitCode, expected, output);
  return verdict;
}

function reasonsOf({ findings }: Verdict): string {
  return findings.map(({ reason }) => reason).join('\n');
}

describe('scenarios through the command line', { concurrency: false }, () => {
  const GREETER = 'the greeter survives the loss of a node';
  const FOREIGN_HEALER = 'a foreign healer stands beside a workload of its own';
  const NOTHING_LEFT = 'nothing of an earlier trial is left';
  const HANG = 'a short hang is survived';
  const CONTROL = 'an impossible limit is violated, as expected';
  const HELD_CONTROL = 'a control that holds is not as expected';
  const DEADLINE = 'a trial that outlives its deadline proves nothing';
  const UNSTEADY = 'an unsteady start is refused';
  const violated = {
    'an impossible limit is violated': /allowed 1 s/,
    'a plain expectation that fails is violated': /toBe/,
  };
  const inconclusive = {
    'a fault that does not bite proves nothing': /did not bite|nobody saw its effect/,
    'a Prometheus that dies takes the verdict with it': /Prometheus|PromQL/,
    'a scenario that crashes proves nothing': /the scenario has a mistake/,
    'a guard refuses to take more than half of the nodes': /half-of-nodes/,
  };

  let ofOthers: EndedRun;
  let second: Ended;
  let asExpected: EndedRun;
  let mostlyViolated: EndedRun;
  let provingNothing: EndedRun;

  before(async () => {
    const first = line.start(words([UNSTEADY, GREETER, FOREIGN_HEALER]));
    await first.untilPrinted(/firedrill ·/);
    using other = new CommandLine();
    second = await other.test(words([HANG]));
    ofOthers = await endOf(first);
    asExpected = await endOf(line.start(words([NOTHING_LEFT, HANG, CONTROL], '--control')));
    mostlyViolated = await endOf(
      line.start(words([...Object.keys(violated), HELD_CONTROL], '--control', '--reporter', 'json')),
    );
    provingNothing = await endOf(line.start(words([...Object.keys(inconclusive), DEADLINE])));
  });

  function itEnds(run: () => EndedRun, outcome: Outcome, exitCode: number, reasons: Record<string, RegExp>) {
    for (const [title, reason] of Object.entries(reasons))
      it(`${title}: ${outcome}, exit code ${exitCode}`, () => {
        const verdict = verdictOf(run(), title, exitCode);
        assert.equal(verdict.outcome, outcome, verdict.reason);
        assert.match(reasonsOf(verdict), reason);
      });
  }
  itEnds(() => asExpected, 'held', 0, { [HANG]: /./ });
  itEnds(() => mostlyViolated, 'violated', 1, violated);
  itEnds(() => provingNothing, 'inconclusive', 2, inconclusive);

  it('a trial that outlives its deadline is inconclusive, and its faults are undone', () => {
    const verdict = verdictOf(provingNothing, DEADLINE, 2);
    assert.match(reasonsOf(verdict), /deadline of 8 s/);
    assert.ok(verdict.findings.some(({ check, outcome }) => check === 'residue' && outcome === 'held'));
  });

  it('a control counts by the verdict that it expects', () => {
    assert.equal(verdictOf(asExpected, CONTROL, 0).outcome, 'violated');
    const held = verdictOf(mostlyViolated, HELD_CONTROL, 1);
    assert.equal(held.outcome, 'held', held.reason);
    assert.equal(held.asExpected, false);
  });

  it("a team's own manifests are a workload like ours", () => {
    const verdict = verdictOf(ofOthers, GREETER, 2);
    assert.equal(verdict.outcome, 'held', verdict.reason);
    assert.ok(verdict.requests.total > 100);
  });

  it('a foreign healer and the workload of one run are gone in the next, pods included', () => {
    const first = verdictOf(ofOthers, FOREIGN_HEALER, 2);
    assert.equal(first.outcome, 'held', first.reason);
    const next = verdictOf(asExpected, NOTHING_LEFT, 0);
    assert.equal(next.outcome, 'held', next.reason);
  });

  it('a start that is not steady is inconclusive, and nothing is injected', () => {
    const verdict = verdictOf(ofOthers, UNSTEADY, 2);
    assert.match(reasonsOf(verdict), /requests of the last 1 s failed/);
    assert.deepEqual(verdict.targets, []);
  });

  it('the run leaves a report, and its journal gives the same verdict again without a cluster', async () => {
    const { directory } = asExpected;
    const verdict = verdictOf(asExpected, HANG, 0);
    for (const file of ['index.html', 'junit.xml', 'allure-results', 'run.json'])
      assert.ok(existsSync(join(directory, file)), file);
    const journal = join(directory, 'trials', verdict.trialId, 'journal.jsonl');
    const { exitCode, output } = await line.firedrill('analyze', journal, '--json');
    assert.equal(exitCode, 0, output);
    assert.deepEqual(JSON.parse(output), verdict);
    assert.match(readFileSync(join(directory, 'index.html'), 'utf8'), /<svg/);
  });

  it("one of the runner's reporters reports beside ours", () => {
    const { output } = mostlyViolated;
    assert.match(output, /VIOLATED/);
    assert.match(output, /"suites":/);
  });

  it('a second session on a cluster that is in use is refused', () => {
    assert.equal(second.exitCode, 64, second.output);
    assert.match(second.output, /in use by session/);
    assert.equal(ofOthers.verdicts.size, 3, ofOthers.output);
  });
});

describe('interruptions of a run on a cluster that stays', { concurrency: false }, () => {
  const SCENARIO = ['-g', 'a node hangs, and the trial goes on', '--cluster', CLUSTER];

  /** Every machine runs, with its cable in: asked of the machines' supervisor, not of Kubernetes. */
  async function damage(): Promise<string> {
    const { nodes } = await statusOf(CLUSTER);
    return nodes
      .filter((node) => node.power !== 'on' || node.frozen || node.cableOut)
      .map((node) => `${node.name} is ${node.power}${node.frozen ? ', frozen' : ''}`)
      .join('; ');
  }

  it('scenarios that are not there are told as without a cluster, and leave no run', async () => {
    const { latest } = line;
    const { exitCode, output } = await line.test(['-g', 'no such title', '--cluster', CLUSTER]);
    assert.equal(exitCode, 64, output);
    assert.match(output, /no scenario is chosen by: -g no such title/);
    assert.equal(line.latest, latest);
    assert.deepEqual((await statusOf(CLUSTER)).holds, []);
  });

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

  it('after Ctrl-C nothing is broken and nobody holds the cluster once the prompt is back', async () => {
    const { run, journal } = await untilInjected(line, SCENARIO);
    run.process.kill('SIGINT');
    const ended = await run.ended;
    assert.equal(ended.exitCode, 130, ended.output);
    assert.equal(await damage(), '');
    assert.deepEqual((await statusOf(CLUSTER)).holds, []);
    const [reverted] = entriesOf(readJournal(journal).entries, 'fault.reverted');
    assert.deepEqual([reverted?.by, reverted?.ok], ['supervisor', true]);
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
    // The group of a frozen node is gone, too: a killed process that is frozen does not end before it is thawed.
    assert.deepEqual(groupsOf(CLUSTER), []);
  });
});
