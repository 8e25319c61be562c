import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import { readJournal } from '../../trial/journal-file.ts';
import type { Started } from './command-line.ts';
import { CommandLine } from './command-line.ts';

/** A launcher that ends in order is given this long, and so is a cluster whose launcher was killed. */
const GONE_WITHIN_MS = 10_000;

/** Processes of ours that carry a run's name: supervisor, control plane, launcher, test runner. */
function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
      } catch {
        // It ended between the two reads.
        return false;
      }
    })
    .map(Number);
}

/** The only child of a process whose command line contains a text. */
function childOf(parent: number, text: string): number {
  const found = processesNaming(text).find(
    (pid) => Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === parent,
  );
  assert.ok(found, `no ${text} under ${parent}`);
  return found;
}

describe('interruptions', { concurrency: false }, () => {
  const line = new CommandLine();
  after(() => line[Symbol.dispose]());

  /** Starts a run and resolves in the middle of its first trial, while a node hangs. */
  async function untilInjected(): Promise<{ run: Started; journal: string; cluster: string }> {
    const run = line.start(['-g', 'outlives its deadline']);
    await run.untilPrinted(/workload .* ready/);
    const trials = join(line.latest, 'trials');
    let over: string | undefined;
    void run.ended.then(({ output }) => (over = output));
    for (;;) {
      assert.equal(over, undefined, 'the run ended before its fault');
      const [trial] = readdirSync(trials);
      const journal = join(trials, trial ?? '', 'journal.jsonl');
      if (trial !== undefined && existsSync(journal)) {
        const bitten = readJournal(journal).entries.some((entry) => entry.kind === 'fault.effective');
        if (bitten) return { run, journal, cluster: `run-${basename(line.latest)}` };
      }
      await delay(100);
    }
  }

  async function gone(cluster: string): Promise<void> {
    const endMs = performance.now() + GONE_WITHIN_MS;
    while (processesNaming(cluster).length > 0) {
      assert.ok(performance.now() < endMs, `still there: ${processesNaming(cluster).join(', ')}`);
      await delay(100);
    }
  }

  for (const [name, signals, exitCode] of [
    ['Ctrl-C', ['SIGINT'], 130],
    ['twice Ctrl-C', ['SIGINT', 'SIGINT'], 130],
    ['SIGTERM', ['SIGTERM'], 143],
  ] as const)
    it(`${name} takes the cluster down and keeps what was recorded`, async () => {
      const { run, journal, cluster } = await untilInjected();
      const sentMs = performance.now();
      for (const signal of signals) run.process.kill(signal);
      const [ended] = await Promise.all([run.ended, gone(cluster)]);
      assert.ok(performance.now() - sentMs < GONE_WITHIN_MS, `${performance.now() - sentMs} ms`);
      assert.equal(ended.exitCode, exitCode, ended.output);
      const [verdict] = line.verdicts().values();
      assert.equal(verdict?.outcome, 'inconclusive');
      assert.ok(readJournal(journal).entries.some((entry) => entry.kind === 'fault.effective'));
      assert.ok(existsSync(join(line.latest, 'index.html')));
    });

  it('a runner that was killed takes its cluster with it, and the next command judges its trial', async () => {
    const { run, journal, cluster } = await untilInjected();
    run.process.kill('SIGKILL');
    await gone(cluster);
    await line.test(['-g', 'scenario that crashes']);
    const { entries } = readJournal(journal);
    assert.equal(entries.at(-1)?.kind, 'trial.ended');
    const verdict = JSON.parse(readFileSync(journal.replace('journal.jsonl', 'verdict.json'), 'utf8')) as {
      outcome: string;
    };
    assert.equal(verdict.outcome, 'inconclusive');
  });

  it('a worker that was killed has its faults undone, its trial is inconclusive, and the cluster is kept', async () => {
    const run = line.start(['-g', 'outlives its deadline|scenario that crashes']);
    await run.untilPrinted(/the scenario has a mistake/);
    const trials = join(line.latest, 'trials');
    let journal: string | undefined;
    let over: string | undefined;
    void run.ended.then(({ output }) => (over = output));
    while (journal === undefined) {
      assert.equal(over, undefined, 'the run ended before its fault');
      journal = readdirSync(trials)
        .map((trial) => join(trials, trial, 'journal.jsonl'))
        .find((path) => readJournal(path).entries.some((entry) => entry.kind === 'fault.effective'));
      await delay(100);
    }
    const runner = childOf(run.process.pid ?? 0, 'playwright');
    process.kill(childOf(runner, 'workerProcessEntry'), 'SIGKILL');
    const ended = await run.ended;
    assert.equal(ended.exitCode, 2, ended.output);
    const [...verdicts] = line.verdicts().values();
    assert.deepEqual(
      verdicts.map((verdict) => verdict.outcome),
      ['inconclusive', 'inconclusive'],
    );
  });
});
