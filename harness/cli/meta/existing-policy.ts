import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { StagingCluster } from '../../../infra/providers/existing/testing/staging-cluster.ts';
import { nodeReady } from '../../../infra/kube/readiness.ts';
import { entriesOf, type Entry } from '../../core/journal/journal.ts';
import { readJournal } from '../../trial/journal-file.ts';
import type { CommandLine } from './command-line.ts';
import { objectsOn, untilAsBefore } from './existing-objects.ts';
import { adoptAll } from './existing-present.ts';
import { makeSecondUser, SECOND_USER } from './existing-runner.ts';
import { untilInjected, within } from './run-in-progress.ts';

const SCENARIO = ['-g', 'nobody listens', '--seed', '7'];
/** 15 s of silence, one look, and what a machine takes to start. */
const ON_AGAIN_WITHIN_MS = 60_000;

/** What the owner of a cluster can forbid, and what becomes of its machines. */
export function drillsUnderAPolicy(line: CommandLine, staging: StagingCluster): void {
  void describe('the policy of a cluster of somebody else, and its machines', { concurrency: false }, () => {
    const { kube, machines, reached } = staging;
    const wordsOf = (whereto: readonly string[]): readonly string[] => [
      ...SCENARIO,
      ...['--provider', 'existing', '--images', 'preloaded'],
      ...whereto,
      ...machines.options,
    ];
    const words = wordsOf(reached);
    async function setPolicy(text: string): Promise<void> {
      const file = join(line.directory, 'policy.yaml');
      writeFileSync(file, text);
      const { exitCode, output } = await adoptAll(line, staging, '--policy', file);
      assert.equal(exitCode, 0, output);
    }
    function journal(): readonly Entry[] {
      const trials = join(line.latest, 'trials');
      const path = readdirSync(trials)
        .map((trial) => join(trials, trial, 'journal.jsonl'))
        .find((one) => existsSync(one));
      assert.ok(path);
      return readJournal(path).entries;
    }
    async function off(): Promise<string> {
      const states = await machines.client.states(AbortSignal.timeout(10_000));
      return [...states.values()]
        .filter(({ state }) => state !== 'on')
        .map(({ node }) => `${node} is off`)
        .join(', ');
    }

    void it('begins no run in a freeze window, and says when it ends', async () => {
      const from = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
      const to = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19);
      await setPolicy(`freeze: [{ name: the sale, from: ${from}Z, to: ${to}Z }]`);
      const { exitCode, output } = await line.test(words);
      assert.equal(exitCode, 64, output);
      assert.match(output, /guard\.freeze-window.*"the sale", which ends at 20/);
    });

    void it('runs what a second person has approved, ends it when a stop condition comes true, and undoes it at once', async () => {
      const made = await line.firedrill('approve', '--new-key', join(line.directory, 'key'), '--json');
      const { publicKey } = JSON.parse(made.output) as { publicKey: string };
      await setPolicy(
        [
          'stop: [{ name: something is down, query: count(up == 0) or vector(0), above: 0 }]',
          `approvers: [{ user: '${SECOND_USER}', key: ${publicKey} }]`,
        ].join('\n'),
      );
      const refused = await line.test(words);
      assert.equal(refused.exitCode, 64, refused.output);
      assert.match(refused.output, /approval\.missing.*alice/);
      assert.match(refused.output, /approve --key KEY --out FILE -- .*--seed 7/);
      const approval = join(line.directory, 'approval');
      const key = ['--key', join(line.directory, 'key'), '--out', approval];
      const own = await line.firedrill('approve', ...key, '--', ...words);
      assert.equal(own.exitCode, 64, own.output);
      assert.match(own.output, /approve\.other-user/);
      const kubeconfig = join(line.directory, 'alice.kubeconfig');
      await makeSecondUser(staging, kubeconfig, 'alice');
      const hers = wordsOf(['--context', 'alice', '--kubeconfig', kubeconfig]);
      const approved = await line.firedrill('approve', ...key, '--', ...hers);
      assert.equal(approved.exitCode, 0, approved.output);

      const { exitCode, output } = await line.test([...words, '--approval', approval]);
      assert.equal(exitCode, 2, output);
      const [verdict] = line.verdicts().values();
      assert.equal(verdict?.outcome, 'inconclusive');
      assert.match(verdict.reason, /ended: the stop condition "something is down" holds: \d+ is above 0/);
      const entries = journal();
      const [stopped] = entriesOf(entries, 'trial.stopped');
      const [reverted] = entriesOf(entries, 'fault.reverted');
      // The effect is not asked for: Prometheus may see the silent targets before the witness has waited long enough.
      const [applied] = entriesOf(entries, 'fault.applied');
      assert.ok(stopped && applied && stopped.monoMs > applied.monoMs);
      assert.equal(reverted?.ok, true, reverted?.observation);
      // The machine is on again and Ready, long before the scenario's function has noticed anything.
      assert.ok(reverted.monoMs - stopped.monoMs < 30_000, `${reverted.monoMs - stopped.monoMs} ms`);
      const again = await line.test([...words, '--approval', approval]);
      assert.equal(again.exitCode, 64, again.output);
      assert.match(again.output, /approval\.used-up.*good for one run/);
      assert.equal(await off(), '');
      const { items } = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
      assert.ok(items.every((node) => nodeReady(node) === true));
    });

    void it('switches a machine on again from the inside when the runner is gone for good', async () => {
      await setPolicy('');
      const before = await objectsOn(kube);
      const { run } = await untilInjected(line, words);
      assert.match(await off(), /is off/);
      run.process.kill('SIGKILL');
      await run.ended;
      await within(ON_AGAIN_WITHIN_MS, off);
      await untilAsBefore(kube, before);
    });
  });
}
