import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { cgroupsOf } from '../../../infra/providers/embedded/cgroups.ts';
import {
  differences,
  snapshotHost,
  type HostSnapshot,
} from '../../../infra/providers/embedded/testing/host-snapshot.ts';
import { clusterPaths, clustersRoot } from '../../../infra/supervisor/cluster-directory.ts';
import { SupervisorClient } from '../../../infra/supervisor/client.ts';
import { identityOf, type ProcessIdentity } from '../../../infra/process/identity.ts';
import { ANSWERS, type SupervisorStatus } from '../../../infra/supervisor/protocol.ts';
import { clusterNameOf } from '../../run/run-id.ts';
import { readJournal } from '../../trial/journal-file.ts';
import { CommandLine, ENVIRONMENT, type Started } from './command-line.ts';

/** A scenario that goes on until somebody ends it. */
export const HANGING = ['-g', 'a node hangs, and the trial goes on'];
/** A launcher that ends in order is given this long, and so is a cluster whose launcher was killed. */
const GONE_WITHIN_MS = 10_000;

/** A command line for tests of a suite after all of which the host has to be as it was before. */
export function leavingTheHostAsItWas(): CommandLine {
  const line = new CommandLine();
  let untouched: HostSnapshot;
  before(async () => {
    // What an earlier command was killed in the middle of is not ours to be blamed for.
    await line.firedrill('reap');
    untouched = await snapshotHost(line.directory, clustersRoot(ENVIRONMENT));
  });
  after(async () => {
    line[Symbol.dispose]();
    assert.deepEqual(
      differences(untouched, await snapshotHost(line.directory, clustersRoot(ENVIRONMENT))),
      [],
    );
  });
  return line;
}

/** A run in the middle of a trial, while a node hangs. */
interface RunInProgress {
  readonly run: Started;
  readonly journal: string;
  /** The name of the cluster that a run makes for itself. */
  readonly ownCluster: string;
  readonly runner: ProcessIdentity;
  readonly worker: ProcessIdentity;
}

/** Starts the scenarios that match, and resolves when one of them has seen its fault bite. */
export async function untilInjected(
  line: CommandLine,
  args: readonly string[],
  environment?: NodeJS.ProcessEnv,
): Promise<RunInProgress> {
  const run = line.start(args, environment);
  await run.untilPrinted(/workload .* ready/);
  const trials = join(line.latest, 'trials');
  let over: string | undefined;
  void run.ended.then(({ output }) => (over = output));
  for (;;) {
    assert.equal(over, undefined, 'the run ended before its fault');
    const journal = readdirSync(trials)
      .map((trial) => join(trials, trial, 'journal.jsonl'))
      .filter((path) => existsSync(path))
      .find((path) => readJournal(path).entries.some((entry) => entry.kind === 'fault.effective'));
    if (journal !== undefined) {
      const runner = childOf(run.process.pid ?? 0, 'playwright');
      const worker = childOf(runner.pid, 'workerProcessEntry');
      return { run, journal, runner, worker, ownCluster: clusterNameOf(basename(line.latest)) };
    }
    await delay(100);
  }
}

/** A run that is stopped by signals takes its cluster down, and keeps what was recorded. */
export async function takenDownInOrder(
  line: CommandLine,
  signals: readonly NodeJS.Signals[],
  exitCode: number,
): Promise<void> {
  const { run, journal, ownCluster } = await untilInjected(line, HANGING);
  const sentMs = performance.now();
  for (const signal of signals) run.process.kill(signal);
  const [ended] = await Promise.all([run.ended, gone(ownCluster)]);
  assert.ok(performance.now() - sentMs < GONE_WITHIN_MS, `${performance.now() - sentMs} ms`);
  assert.equal(ended.exitCode, exitCode, ended.output);
  const [verdict] = line.verdicts().values();
  assert.equal(verdict?.outcome, 'inconclusive');
  assert.ok(readJournal(journal).entries.some((entry) => entry.kind === 'fault.effective'));
  assert.ok(existsSync(join(line.latest, 'index.html')));
}

/** A run whose cluster has died under it ends with a trial that says so, and with the cluster's logs. */
export async function endedWithoutItsCluster(
  line: CommandLine,
  run: Started,
  cluster: string,
): Promise<void> {
  const ended = await run.ended;
  assert.equal(ended.exitCode, 2, ended.output);
  const [verdict] = line.verdicts().values();
  assert.equal(verdict?.outcome, 'inconclusive');
  assert.match(verdict.findings.map((finding) => finding.reason).join('\n'), /hold on the cluster is lost/);
  assert.ok(existsSync(join(line.latest, 'logs', cluster, 'hub', 'supervisor.log')));
}

/** Resolves when no process of a cluster is left. */
export function gone(cluster: string): Promise<void> {
  return within(GONE_WITHIN_MS, () => processesNaming(cluster).join(', '));
}

/** The control groups of a cluster of these tests that exist now. */
export function groupsOf(cluster: string): string[] {
  return cgroupsOf(clusterPaths(cluster, clustersRoot(ENVIRONMENT)).directory);
}

/** Processes whose command line carries a text: supervisor and control plane carry the name of their cluster. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        // The process has ended between the two reads.
        return false;
      }
    })
    .map(Number);
}

/** The only child of a process whose command line contains a text. */
function childOf(parent: number, text: string): ProcessIdentity {
  const pid = processesNaming(text).find(
    (one) => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1]) === parent,
  );
  const identity = pid === undefined ? undefined : identityOf(pid);
  assert.ok(identity, `no ${text} under ${parent}`);
  return identity;
}

/** Resolves when the condition holds; fails with what it says when that takes longer. */
export async function within(
  limitMs: number,
  unmet: () => Promise<string> | string,
  lookEveryMs = 50,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  for (let why = await unmet(); why !== ''; why = await unmet()) {
    assert.ok(performance.now() < endMs, `after ${limitMs} ms: ${why}`);
    await delay(lookEveryMs);
  }
}

export function statusOf(cluster: string): Promise<SupervisorStatus> {
  const { controlSocket } = clusterPaths(cluster, clustersRoot(ENVIRONMENT));
  return new SupervisorClient(controlSocket).ask(ANSWERS.status, 'GET', '/v1/status');
}
