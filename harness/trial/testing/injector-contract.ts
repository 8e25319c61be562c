import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../../infra/cluster.ts';
import type { NodeInspection } from '../../../infra/machines/inspection.ts';
import { MACHINE_EFFECTS, machineResidue } from '../../../infra/machines/verbs.ts';
import { KubeClient } from '../../../infra/kube/client.ts';
import { NodeReturn } from '../../../infra/kube/node-return.ts';
import type { StandingCluster } from '../../../infra/testing/contract/fixture.ts';
import { FiredrillError } from '../../core/errors.ts';
import { faultProblems } from '../../core/faults/check-fault.ts';
import { entriesOf } from '../../core/journal/journal.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { INJECTORS } from '../../faults/registry.ts';
import {
  ailmentOf,
  contractCaseOf,
  contractVictim,
  type ContractCase,
  type ContractContext,
} from '../../faults/testing/contract-case.ts';
import { ContractSession } from './contract-session.ts';

/** What a dead holder's effects may outlive it. */
const UNDONE_WITHIN_MS = 7_000;

/** Brings up a cluster with two workers, or attaches to one. */
type BringUp = (signal: AbortSignal) => Promise<StandingCluster>;

/** What every injector has to keep, on a cluster of this provider. */
export function injectorContract(provider: string, bringUp: BringUp): void {
  void describe(`the contract of injectors on ${provider}`, { concurrency: false }, () => suite(bringUp));
}

function suite(bringUp: BringUp): void {
  const directory = temporaryDirectory('contract');
  let standing: StandingCluster | undefined;
  let context: ContractContext;
  let cluster: Cluster;
  let victim: string;

  before(async () => {
    standing = await bringUp(AbortSignal.timeout(300_000));
    cluster = await standing.attach();
    context = { cluster, kube: new KubeClient(cluster.kube) };
    victim = await contractVictim(cluster);
  });

  after(async () => {
    // Where the start has failed its provider has taken everything away.
    if (standing === undefined) return;
    context.kube.close();
    await standing[Symbol.asyncDispose]();
  });

  // What one fault leaves must not be blamed on the next.
  afterEach(async () => {
    const { machines } = cluster;
    for (const left of await inspectAll(cluster))
      for (const { isThere, undo } of MACHINE_EFFECTS) if (isThere(left)) await machines[undo](left.node);
  });

  for (const { kind } of INJECTORS)
    void describe(kind, () => {
      const contract = (): Promise<ContractCase> => contractCaseOf(kind, victim);
      const journal = (test: string): string => join(directory, 'journals', `${kind}-${test}.jsonl`);

      void it('refuses a target that cannot be, and touches nothing', async () => {
        const one = await contract();
        const { impossible, nowhere } = one;
        const keys = problemKeys(kind, one);
        for (const key of impossible.keys) assert.ok(keys.includes(key), `${key} is not called wrong`);
        await using session = await ContractSession.open(cluster, `${kind}-refused`, journal('refused'));
        await assert.rejects(session.inject(impossible.fault), { code: 'fault.malformed' });
        await assert.rejects(session.inject(nowhere), isRefusalOf('zero-targets'));
        assert.deepEqual(session.undosHeldAtActs, []);
        assert.equal(await session.undosHeld(), 0);
      });

      void it('is undoable before it acts, seen by others while it lasts, and gone after its undo', async () => {
        const one = await contract();
        await one.prepare?.(context);
        const untouched = statesOf(await inspectAll(cluster));
        await using session = await ContractSession.open(cluster, `${kind}-whole`, journal('whole'));

        const injection = await session.inject(one.fault);
        const target = onlyOne(injection.targets);
        assert.ok(session.undosHeldAtActs.length > 0, 'it has acted on nothing that this test watches');
        assert.ok(
          session.undosHeldAtActs.every((undos) => undos > 0),
          'it acted before the supervisor had its undo',
        );
        const evidence = onlyOne(entriesOf(session.journal.entries, 'fault.effective'));
        assert.notEqual(evidence.observer, kind, 'the injector is its own witness');
        assert.notEqual(
          await ailmentOf(one, target, context),
          '',
          'the target answers as if nothing was wrong',
        );

        for (const result of await session.revert(injection.id)) assert.ok(result.ok, result.observation);
        assert.deepEqual(statesOf(await inspectAll(cluster)), untouched);
        assert.equal(await session.undosHeld(), 0, 'the hold would undo it once more');
        await one.awaitWork(target, context);
        assert.equal((await ailmentOf(one, target, context)) === '', one.restores);
        if (!one.restores) {
          await session.undoAgain();
          return;
        }

        const line = await one.connect(target, context);
        try {
          await line.ask(1_000);
          assert.deepEqual(await session.revert(injection.id), []);
          await session.undoAgain();
          // A line that lives on shows that nothing was started anew.
          await line.ask(1_000);
        } finally {
          line.close();
        }
        assert.deepEqual(statesOf(await inspectAll(cluster)), untouched);
      });

      void it('is undone by the supervisor when its holder is killed', async () => {
        const one = await contract();
        await one.prepare?.(context);
        const untouched = statesOf(await inspectAll(cluster));
        const session = `${kind}-killed`;
        const target = await one.target(context);
        const holder = await startHolder(cluster, standing?.env ?? {}, kind, session, journal('killed'));
        try {
          assert.notEqual(
            await ailmentOf(one, target, context),
            '',
            'the target answers as if nothing was wrong',
          );
        } finally {
          holder.kill('SIGKILL');
        }
        await untilUndone(cluster, session, untouched);

        const { undone } = await cluster.undone();
        assert.deepEqual(
          undone.filter((effect) => effect.session === session).map(({ node, why, ok }) => [node, why, ok]),
          [[target.node ?? target.name, 'lapsed', true]],
        );
        await one.awaitWork(target, context);
        assert.equal((await ailmentOf(one, target, context)) === '', one.restores);
      });
    });

  void it('a node that is switched on again is back when its kubelet is heard from, not while it is Ready of old', async () => {
    const { machines } = cluster;
    const nodeReturn = new NodeReturn(context.kube);
    const signal = AbortSignal.timeout(60_000);
    await machines.powerOff(victim);
    const lastRenewal = await nodeReturn.lastRenewal(victim, signal);
    const switchedOnWallMs = Date.now();
    await machines.powerOn(victim);
    await nodeReturn.awaitReady(victim, lastRenewal, { timeoutMs: 60_000, signal });
    const renewedWallMs = Date.parse((await nodeReturn.lastRenewal(victim, signal)) ?? '');
    assert.ok(renewedWallMs > switchedOnWallMs, `renewed ${switchedOnWallMs - renewedWallMs} ms before`);
  });
}

function problemKeys(kind: string, { impossible }: ContractCase): readonly string[] {
  assert.equal(impossible.fault.kind, kind);
  return faultProblems(impossible.fault).map((problem) => problem.key);
}

function isRefusalOf(rule: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof FiredrillError && error.code === 'guard.refused' && error.message.startsWith(rule);
}

function onlyOne<T>(all: readonly T[]): T {
  const [first, ...rest] = all;
  assert.ok(first !== undefined && rest.length === 0, `${all.length} instead of one`);
  return first;
}

async function inspectAll(cluster: Cluster): Promise<readonly NodeInspection[]> {
  const nodes = await cluster.nodes();
  return Promise.all(nodes.map((node) => cluster.machines.inspect(node.name)));
}

/** All that is seen of machines from outside, but for the number of processes, which changes by itself. */
function statesOf(machines: readonly NodeInspection[]): readonly unknown[] {
  const states = machines.map(({ processes, ...state }) => ({ ...state, runs: processes > 0 }));
  return [...states, ...machineResidue(machines)];
}

/** Resolves when the fault was seen to bite, by the process that holds it. */
async function startHolder(
  { provider, name }: Cluster,
  env: NodeJS.ProcessEnv,
  kind: string,
  session: string,
  journal: string,
): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'inject-and-hold.ts');
  const holder = spawn(process.execPath, [program, provider, name, kind, session, journal], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit').then(([code]) => {
    throw new Error(`the holder of ${kind} ended with ${String(code)} before its fault was seen`);
  });
  // The holder is killed later on, and nobody waits for its end any more.
  ended.catch(() => undefined);
  await Promise.race([once(holder.stdout, 'data'), ended]);
  return holder;
}

/** Resolves when the hold is gone and the machines are as before; fails when that takes longer than it may. */
async function untilUndone(cluster: Cluster, session: string, untouched: readonly unknown[]): Promise<void> {
  const endMs = performance.now() + UNDONE_WITHIN_MS;
  for (;;) {
    const { holds } = await cluster.undone();
    const states = statesOf(await inspectAll(cluster));
    const isHeld = holds.some((holder) => holder.session === session);
    if (!isHeld && JSON.stringify(states) === JSON.stringify(untouched)) return;
    assert.ok(
      performance.now() < endMs,
      `${UNDONE_WITHIN_MS} ms after the death of its holder the hold is ${isHeld ? 'held' : 'gone'}, and there is ${JSON.stringify(states)}`,
    );
    await delay(50);
  }
}
