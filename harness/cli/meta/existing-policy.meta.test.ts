import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { embeddedProvider } from '../../../infra/providers/embedded/provider.ts';
import {
  machineInterfaceOf,
  type MachineInterface,
} from '../../../infra/providers/existing/testing/machine-interface.ts';
import { KubeClient } from '../../../infra/kube/client.ts';
import { loadKubeconfig } from '../../../infra/kube/kubeconfig.ts';
import { nodeReady } from '../../../infra/kube/readiness.ts';
import { entriesOf, type Entry } from '../../core/journal/journal.ts';
import { clusterSpec } from '../../run/attach-cluster.ts';
import { DEFAULT_OPTIONS } from '../../stage/options.ts';
import { reaperImage, stageImages } from '../../stage/stage-images.ts';
import { describeWorkload } from '../../stage/workload.ts';
import { readJournal } from '../../trial/journal-file.ts';
import { CommandLine } from './command-line.ts';
import { untilInjected, within } from './run-in-progress.ts';

const CLUSTER = `policy-${process.pid}`;
const SCENARIO = ['-g', 'nobody listens', '--seed', '7'];
/** 15 s of silence, one look, and what a machine takes to start. */
const ON_AGAIN_WITHIN_MS = 60_000;
const CLEAN_WITHIN_MS = 90_000;

describe('the policy of a cluster of somebody else, and its machines', { concurrency: false }, () => {
  const line = new CommandLine();
  const kubeconfig = join(line.directory, 'kubeconfig');
  const signal = AbortSignal.timeout(570_000);
  let kube: KubeClient;
  let machines: MachineInterface;
  let context = '';
  let uid = '';

  before(async () => {
    const images = await stageImages(
      DEFAULT_OPTIONS,
      describeWorkload('storefront'),
      () => undefined,
      signal,
    );
    const cluster = await embeddedProvider.provision(
      {
        ...clusterSpec(CLUSTER, DEFAULT_OPTIONS.cluster),
        images: [...images.forInfra, ...images.forWorkers],
      },
      () => undefined,
      signal,
    );
    await cluster.loadImages([reaperImage()]);
    copyFileSync(cluster.kubeconfigPath, kubeconfig);
    const { context: name, ...target } = await loadKubeconfig({ path: kubeconfig });
    context = name;
    uid = cluster.uid;
    kube = new KubeClient(target);
    machines = await machineInterfaceOf(cluster);
  });
  after(async () => {
    kube.close();
    await machines[Symbol.asyncDispose]();
    await line.firedrill('down', '--name', CLUSTER);
    line[Symbol.dispose]();
  });

  const reached = () => ['--context', context, '--kubeconfig', kubeconfig];
  const words = () => [
    ...SCENARIO,
    ...['--provider', 'existing', '--images', 'preloaded'],
    ...reached(),
    ...machines.options,
  ];
  async function setPolicy(text: string): Promise<void> {
    const file = join(line.directory, 'policy.yaml');
    writeFileSync(file, text);
    const limits = ['--namespaces', '*', '--nodes', '*', '--confirm', uid];
    const { exitCode, output } = await line.firedrill('adopt', ...reached(), ...limits, '--policy', file);
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
    const states = await machines.client.states(signal);
    return [...states.values()]
      .filter(({ state }) => state !== 'on')
      .map(({ node }) => `${node} is off`)
      .join(', ');
  }

  it('begins no run in a freeze window, and says when it ends', async () => {
    const from = new Date(Date.now() - 60_000).toISOString().slice(0, 19);
    const to = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19);
    await setPolicy(`freeze: [{ name: the sale, from: ${from}Z, to: ${to}Z }]`);
    const { exitCode, output } = await line.test(words());
    assert.equal(exitCode, 64, output);
    assert.match(output, /guard\.freeze-window.*"the sale", which ends at 20/);
  });

  it('runs what a second person has approved, ends it when a stop condition comes true, and undoes it at once', async () => {
    const made = await line.firedrill('approve', '--new-key', join(line.directory, 'key'), '--json');
    const { publicKey } = JSON.parse(made.output) as { publicKey: string };
    await setPolicy(
      [
        'stop: [{ name: something is down, query: count(up == 0) or vector(0), above: 0 }]',
        `approvers: [{ user: alice, key: ${publicKey} }]`,
      ].join('\n'),
    );
    const refused = await line.test(words());
    assert.equal(refused.exitCode, 64, refused.output);
    assert.match(refused.output, /approval\.missing.*alice/);
    assert.match(refused.output, /approve --key KEY --out FILE -- .*--seed 7/);
    const environment = { FIREDRILL_SCENARIOS: 'harness/cli/meta/scenarios' };
    const approval = join(line.directory, 'approval');
    const key = ['--key', join(line.directory, 'key'), '--out', approval];
    const before = process.env['FIREDRILL_SCENARIOS'];
    Object.assign(process.env, environment);
    const approved = await line.firedrill('approve', ...key, '--', ...words());
    if (before === undefined) delete process.env['FIREDRILL_SCENARIOS'];
    assert.equal(approved.exitCode, 0, approved.output);

    const { exitCode, output } = await line.test([...words(), '--approval', approval]);
    assert.equal(exitCode, 2, output);
    const [verdict] = line.verdicts().values();
    assert.equal(verdict?.outcome, 'inconclusive');
    assert.match(verdict.reason, /ended: the stop condition "something is down" holds: \d+ is above 0/);
    const entries = journal();
    const [stopped] = entriesOf(entries, 'trial.stopped');
    const [reverted] = entriesOf(entries, 'fault.reverted');
    // Not its effect: Prometheus may see the silent targets before the witness has waited long enough.
    const [applied] = entriesOf(entries, 'fault.applied');
    assert.ok(stopped && applied && stopped.monoMs > applied.monoMs);
    assert.equal(reverted?.ok, true, reverted?.observation);
    // The machine is on again and Ready, long before the scenario's function has noticed anything.
    assert.ok(reverted.monoMs - stopped.monoMs < 30_000, `${reverted.monoMs - stopped.monoMs} ms`);
    assert.equal(await off(), '');
    const { items } = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    assert.ok(items.every((node) => nodeReady(node) === true));
  });

  it('switches a machine on again from the inside when the runner is gone for good', async () => {
    await setPolicy('');
    const { run } = await untilInjected(line, words());
    assert.match(await off(), /is off/);
    run.process.kill('SIGKILL');
    await run.ended;
    await within(ON_AGAIN_WITHIN_MS, off);
    const reaper = { apiVersion: 'v1', kind: 'Namespace', name: 'firedrill-reaper' } as const;
    const hold = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: 'kube-system',
      name: 'firedrill-hold',
    } as const;
    await within(CLEAN_WITHIN_MS, async () => {
      const left = await Promise.all([kube.find(reaper), kube.find(hold)]);
      return left.some((one) => one !== undefined) ? 'something of ours is left' : '';
    });
  });
});
