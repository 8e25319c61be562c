import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock, type Clock } from '../core/clock.ts';
import { FiredrillError } from '../core/errors.ts';
import type { EntryBody, EntryKind } from '../core/journal/journal.ts';
import { createRng } from '../core/seed.ts';
import type { StopReading } from '../core/owner/stop-condition.ts';
import { nodeCableOut, nodeFreeze, podKill } from '../faults/builders.ts';
import { judge } from '../judge/judge.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { MemoryObjects } from '../testing/memory-objects.ts';
import type { StartObserver } from '../observe/observer.ts';
import { readJournal } from './journal-file.ts';
import { Trial, type TrialDependencies } from './trial.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const directory = temporaryDirectory('trial');
let count = 0;

/** Time that runs twenty times as fast, for tests that wait for something that never comes. */
const fastClock: Clock = {
  now: () => {
    const { wallMs, monoMs } = systemClock.now();
    return { wallMs: wallMs * 20, monoMs: monoMs * 20 };
  },
  sleep: (durationMs, signal) => systemClock.sleep(durationMs / 20, signal),
};

/** An observer that says what a healthy cluster would show. */
const steady: StartObserver = (append) => {
  append({ kind: 'capacity', selector: 'app=storefront', ready: 6, wanted: 6 });
  return Promise.resolve({ stop: () => Promise.resolve() });
};

function partsOf(cluster: FakeCluster, changed: Partial<TrialDependencies> = {}): TrialDependencies {
  const id = `t${++count}`;
  return {
    started: {
      trialId: id,
      runId: 'r1',
      scenario: 'node-loss',
      title: 'a title',
      seed: 1,
      repeatIndex: 0,
      control: false,
      expected: 'held',
      deadlineMs: 60_000,
      bootId: 'boot',
      cluster: {
        name: 'fake',
        provider: 'fake',
        kubernetesVersion: 'v1',
        uid: 'u',
        nodes: [],
        machineProfile: 'bmc',
      },
      config: {},
      versions: {},
      digests: {},
      deviations: [],
      again: 'npm test',
    },
    journalPath: join(directory, id, 'journal.jsonl'),
    cluster,
    hold: cluster.held,
    ownProcesses: [process.pid],
    clock: systemClock,
    rng: createRng(1),
    observers: [steady],
    gate: { steadyForMs: 0, goodShare: 1, probeIntervalMs: 50, capacity: true, objectives: [], withinMs: 50 },
    jitterMs: 0,
    readGateFacts: () => Promise.resolve({ nodes: [{ name: 'node-1', ready: true, schedulable: true }] }),
    readSnapshot: () => Promise.resolve(cluster.snapshot()),
    stopConditions: [],
    readStopConditions: () => Promise.resolve([]),
    openLivenessConnection: (node) => cluster.openLivenessConnection(node),
    pods: cluster.pods,
    kube: new MemoryObjects(),
    nodeReturn: { lastRenewal: () => Promise.resolve(undefined), awaitReady: () => Promise.resolve() },
    signal: new AbortController().signal,
    ...changed,
  };
}

function bodies(path: string): readonly EntryBody[] {
  return readJournal(path).entries;
}
function kinds(path: string): readonly EntryKind[] {
  return bodies(path).map((entry) => entry.kind);
}
const frozenOne = nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' } });

test('a fault is resolved, its undo kept safe, applied, proven, and undone at the end', async () => {
  const cluster = new FakeCluster();
  const parts = partsOf(cluster);
  const trial = await Trial.open(parts);
  const injection = await trial.inject(frozenOne);
  const [target] = injection.targets;
  assert.ok(target);
  assert.deepEqual(cluster.calls, [`register node.thaw ${target.name}`, `freeze ${target.name}`]);
  await trial.close({ how: 'finished' });
  assert.equal(cluster.calls.at(-1), `thaw ${target.name}`);
  assert.equal(cluster.safe.size, 0);

  const order = kinds(parts.journalPath).filter((kind) => kind.startsWith('fault.'));
  assert.deepEqual(order, [
    'fault.requested',
    'fault.resolved',
    'fault.intent',
    'fault.applied',
    'fault.effective',
    'fault.reverted',
  ]);
  const found = bodies(parts.journalPath);
  const residue = found.find((entry) => entry.kind === 'residue');
  assert.deepEqual(residue?.items, []);
  assert.equal(found.at(-1)?.kind, 'trial.ended');
  const resolved = found.find((entry) => entry.kind === 'fault.resolved');
  assert.deepEqual([resolved?.podsHit, resolved?.podsTotal, resolved?.leaderHit], [2, 6, false]);
});

test('pods are killed after their undo is safe, proven by their silence, and nothing is brought back', async () => {
  const cluster = new FakeCluster();
  const parts = partsOf(cluster);
  const trial = await Trial.open(parts);
  const all = { pod: { labels: 'app=storefront', mode: { fixed: 5 } } } as const;
  const injection = await trial.inject(podKill(all));
  assert.equal(injection.targets.length, 5);
  assert.equal(cluster.killed.size, 5);
  const firstKill = cluster.calls.findIndex((call) => call.startsWith('kill '));
  assert.equal(cluster.calls.filter((call) => call.startsWith('register pod.none')).length, 5);
  assert.ok(cluster.calls.slice(firstKill).every((call) => call.startsWith('kill ')));
  await trial.close({ how: 'finished' });
  assert.equal(cluster.calls.filter((call) => !/^(register|kill)/.test(call)).length, 0);
  assert.equal(cluster.safe.size, 0);
  const effective = bodies(parts.journalPath).find((entry) => entry.kind === 'fault.effective');
  assert.equal(effective?.observer, 'pod');
  const reverted = bodies(parts.journalPath).filter((entry) => entry.kind === 'fault.reverted');
  assert.ok(reverted.every(({ ok }) => ok));
});

test('a pod that answers on although it was to be killed is no effective fault', async () => {
  const cluster = new FakeCluster();
  cluster.deaf = true;
  const trial = await Trial.open(partsOf(cluster, { clock: fastClock }));
  const one = podKill({ pod: { labels: 'app=storefront', mode: 'one' } });
  await assert.rejects(trial.inject(one), { code: 'fault.ineffective', message: /it answers/ });
  await trial.close({ how: 'finished' });
});

test('the moment of effect lies between the last answer of the kubelet and the first silence', async () => {
  const cluster = new FakeCluster();
  const trial = await Trial.open(partsOf(cluster));
  const beforeMs = systemClock.now().monoMs;
  const injection = await trial.inject(frozenOne);
  const afterMs = systemClock.now().monoMs;
  const effective = trial.journal.entries.find((entry) => entry.kind === 'fault.effective');
  assert.ok(effective);
  assert.equal(effective.observer, 'kubelet');
  assert.ok(injection.effectiveMonoMs + effective.errorMs >= beforeMs);
  assert.ok(injection.effectiveMonoMs - effective.errorMs <= afterMs);
  assert.ok(effective.errorMs < 100);
  await trial.close({ how: 'finished' });
});

test('a fault that nobody sees bite is undone and no result', async () => {
  const cluster = new FakeCluster();
  const parts = partsOf(cluster, { clock: fastClock });
  const trial = await Trial.open(parts);
  cluster.deaf = true;
  await assert.rejects(
    trial.inject(frozenOne),
    (error) =>
      error instanceof FiredrillError &&
      error.code === 'fault.ineffective' &&
      /kubelet answers/.test(error.message),
  );
  assert.match(cluster.calls.at(-1) ?? '', /^register|^freeze|^thaw/);
  await trial.close({ how: 'error' });
  assert.ok(kinds(parts.journalPath).includes('fault.ineffective'));
  assert.ok(!kinds(parts.journalPath).includes('fault.effective'));
  assert.equal(cluster.safe.size, 0);
});

test('silence of the kubelet alone proves nothing about a fault', async () => {
  const cluster = new FakeCluster();
  const trial = await Trial.open(partsOf(cluster, { clock: fastClock }));
  const machines = cluster.machines as { cableOut: (node: string) => Promise<void> };
  // The injector pulls the wrong lever: the machine freezes, its cable stays in.
  machines.cableOut = (node) => cluster.machines.freeze(node);
  await assert.rejects(
    trial.inject(nodeCableOut({ node: { names: ['node-2'], mode: 'one' } })),
    /the kubelet is silent, but the machine shows 12 processes, frozen, cable in/,
  );
  await trial.close({ how: 'error' });
  const residue = trial.residue;
  assert.deepEqual(residue?.items, ['node-2 is frozen']);
});

test('an unsteady start ends the trial before anything is injected', async () => {
  const cluster = new FakeCluster();
  const unsteady: StartObserver = (append) => {
    append({ kind: 'capacity', selector: 'app=storefront', ready: 5, wanted: 6 });
    return Promise.resolve({ stop: () => Promise.resolve() });
  };
  const parts = partsOf(cluster, { observers: [unsteady] });
  await assert.rejects(Trial.open(parts), /the start is not steady: 5 of 6 replicas are Ready/);
  const gate = bodies(parts.journalPath).find((entry) => entry.kind === 'gate');
  assert.equal(gate?.ok, false);
  assert.equal(bodies(parts.journalPath).at(-1)?.kind, 'trial.ended');
  assert.deepEqual(cluster.calls, []);
});

test('with jitter a trial begins at an instant that its seed draws, the same for the same seed', async () => {
  const beginnings: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (durationMs) => (beginnings.push(durationMs), Promise.resolve()),
  };
  for (const seed of [7, 7, 8]) {
    const trial = await Trial.open(
      partsOf(new FakeCluster(), { clock, jitterMs: 10_000, rng: createRng(seed) }),
    );
    await trial.close({ how: 'finished' });
  }
  const [first = 0, again = 0, other = 0] = beginnings;
  assert.equal(beginnings.length, 3);
  assert.equal(again, first);
  assert.notEqual(other, first);
  assert.ok(beginnings.every((jitterMs) => jitterMs >= 0 && jitterMs < 10_000));
});

test('residue of an earlier trial closes the gate', async () => {
  const cluster = new FakeCluster();
  await cluster.machines.freeze('node-3');
  await assert.rejects(Trial.open(partsOf(cluster)), /residue of an earlier trial: node-3 is frozen/);
});

test('a guard refuses before anything is touched, and says how to allow it', async () => {
  const cluster = new FakeCluster();
  const trial = await Trial.open(partsOf(cluster));
  await assert.rejects(
    trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'all' } })),
    (error) =>
      error instanceof FiredrillError &&
      error.code === 'guard.refused' &&
      /half-of-nodes/.test(error.message) &&
      /last-ready-replica/.test(error.message) &&
      /allow: \['half-of-nodes'\]/.test(error.hint ?? ''),
  );
  assert.deepEqual(cluster.calls, []);
  await trial.close({ how: 'error' });
});

test('nothing that matches is a failed trial, never a pass', async () => {
  const trial = await Trial.open(partsOf(new FakeCluster()));
  await assert.rejects(
    trial.inject(nodeFreeze({ node: { hosting: 'app=nothing', mode: 'one' }, allow: ['zero-targets'] })),
    /zero-targets: node.freeze would hit nothing/,
  );
  await trial.close({ how: 'error' });
});

test('what the healer fenced is not revived, and is no residue', async () => {
  const cluster = new FakeCluster();
  const parts = partsOf(cluster);
  const trial = await Trial.open(parts);
  const injection = await trial.inject(frozenOne);
  cluster.fence(injection.targets[0]?.name ?? '');
  await trial.close({ how: 'finished' });
  assert.ok(!cluster.calls.some((call) => call.startsWith('thaw')));
  const reverted = bodies(parts.journalPath).find((entry) => entry.kind === 'fault.reverted');
  assert.match(reverted?.observation ?? '', /was fenced by the healer and stays off/);
  assert.equal(reverted?.ok, true);
  assert.deepEqual(trial.residue?.items, []);
});

test('a timed fault ends by itself, counted from effective', async () => {
  const cluster = new FakeCluster();
  const trial = await Trial.open(partsOf(cluster));
  const injection = await trial.inject(
    nodeFreeze({ node: { names: ['node-1'], mode: 'one' }, duration: '300ms' }),
  );
  const entry = await trial.waitForEntry((candidate) => candidate.kind === 'fault.reverted');
  assert.ok(entry.kind === 'fault.reverted' && entry.by === 'expiry');
  const lastedMs = entry.monoMs - injection.effectiveMonoMs;
  assert.ok(lastedMs >= 290 && lastedMs < 600, `lasted ${lastedMs} ms`);
  await trial.close({ how: 'finished' });
});

test('reverting an injection twice, and then the trial, acts once', async () => {
  const cluster = new FakeCluster();
  const trial = await Trial.open(partsOf(cluster));
  const injection = await trial.inject(frozenOne);
  await injection.revert();
  await injection.revert();
  await trial.close({ how: 'finished' });
  assert.equal(cluster.calls.filter((call) => call.startsWith('thaw')).length, 1);
});

test('two faults on one target come off in any order', async () => {
  for (const first of [0, 1]) {
    const cluster = new FakeCluster();
    const trial = await Trial.open(partsOf(cluster));
    const node = { names: ['node-1'], mode: 'one' } as const;
    const freeze = await trial.inject(nodeFreeze({ node }));
    await freeze.revert();
    const injections = [await trial.inject(nodeCableOut({ node })), freeze];
    await injections[first]?.revert();
    await injections[1 - first]?.revert();
    await trial.close({ how: 'finished' });
    assert.deepEqual(trial.residue?.items, []);
  }
});

test('the deadline aborts what waits, and the faults are undone', async () => {
  const cluster = new FakeCluster();
  const parts = partsOf(cluster);
  const trial = await Trial.open({ ...parts, started: { ...parts.started, deadlineMs: 600 } });
  await trial.inject(frozenOne);
  await assert.rejects(trial.sleep(60_000), /deadline of 600 ms is over|aborted/);
  await trial.close({ how: 'deadline' });
  assert.match(cluster.calls.at(-1) ?? '', /^thaw/);
});

test('an abort between the intent and the effect leaves nothing', async () => {
  const cluster = new FakeCluster();
  const abort = new AbortController();
  const hold = {
    ...cluster.held,
    registerUndo: async (...args: Parameters<typeof cluster.held.registerUndo>) => {
      await cluster.held.registerUndo(...args);
      abort.abort(new Error('stopped by the user'));
    },
  };
  const trial = await Trial.open(partsOf(cluster, { signal: abort.signal, hold }));
  await assert.rejects(trial.inject(frozenOne), /stopped by the user/);
  await trial.close({ how: 'interrupted' });
  assert.ok(!cluster.calls.some((call) => call.startsWith('freeze')));
  assert.equal(cluster.safe.size, 0);
});

const BURNS = { kind: 'query', name: 'burns', query: 'burn', above: 14 } as const;
const readingOf = (state: StopReading['state']): StopReading => ({ name: 'burns', state, detail: 'said' });

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

test('a stop condition that comes true ends the trial and undoes all faults, whatever the scenario is doing', async () => {
  const cluster = new FakeCluster();
  let state: StopReading['state'] = 'clear';
  const parts = partsOf(cluster, {
    clock: fastClock,
    stopConditions: [BURNS],
    readStopConditions: () => Promise.resolve([readingOf(state)]),
  });
  const trial = await Trial.open(parts);
  await trial.inject(frozenOne);
  assert.equal(trial.signal.aborted, false);
  state = 'true';
  await untilAborted(trial.signal);
  // The scenario's function does not listen: nobody has closed the trial.
  await trial.waitForEntry((entry) => entry.kind === 'fault.reverted', new AbortController().signal);
  assert.match(cluster.calls.at(-1) ?? '', /^thaw/);
  assert.match(String(trial.signal.reason), /"burns" holds: said/);
  await assert.rejects(trial.inject(frozenOne), { code: 'trial.stopped' });
  await trial.close({ how: 'interrupted', error: 'stopped' });
  const { entries, proof } = readJournal(parts.journalPath);
  const verdict = judge(entries, proof);
  assert.equal(verdict.outcome, 'inconclusive');
  assert.match(verdict.reason, /the trial was ended: the stop condition "burns" holds: said/);
});

test('a stop condition that nobody can read for a while ends the trial, a moment without an answer does not', async () => {
  const cluster = new FakeCluster();
  let looks = 0;
  const parts = partsOf(cluster, {
    clock: fastClock,
    stopConditions: [BURNS],
    // Every other look fails, and from the eighth on all do.
    readStopConditions: () =>
      Promise.resolve([readingOf(++looks >= 8 || looks % 2 === 0 ? 'unreadable' : 'clear')]),
  });
  const trial = await Trial.open(parts);
  await untilAborted(trial.signal);
  // The looks 2, 4 and 6 were without an answer, and ended nothing; how long is too long is the tracker's.
  assert.ok(looks > 8, `${looks} looks`);
  await trial.close({ how: 'interrupted' });
  const stopped = bodies(parts.journalPath).find((entry) => entry.kind === 'trial.stopped');
  assert.equal(stopped?.state, 'unreadable');
});

test('a stop condition that holds while the start settles keeps the gate shut, and ends no trial', async () => {
  let looks = 0;
  const parts = partsOf(new FakeCluster(), {
    clock: fastClock,
    gate: { ...partsOf(new FakeCluster()).gate, withinMs: 60_000 },
    stopConditions: [BURNS],
    readStopConditions: () => Promise.resolve([readingOf(++looks < 4 ? 'true' : 'clear')]),
  });
  const trial = await Trial.open(parts);
  await trial.inject(frozenOne);
  await trial.close({ how: 'finished' });
  assert.equal(
    bodies(parts.journalPath).find((entry) => entry.kind === 'trial.stopped'),
    undefined,
  );
  assert.ok(looks >= 4, `${looks} looks`);
});

test('a watch over stop conditions that breaks down ends the trial', async () => {
  let looks = 0;
  const parts = partsOf(new FakeCluster(), {
    stopConditions: [BURNS],
    readStopConditions: () =>
      ++looks === 1 ? Promise.resolve([readingOf('clear')]) : Promise.reject(new Error('broken')),
  });
  const trial = await Trial.open(parts);
  await untilAborted(trial.signal);
  await trial.close({ how: 'interrupted' });
  const stopped = bodies(parts.journalPath).find((entry) => entry.kind === 'trial.stopped');
  assert.deepEqual([stopped?.state, stopped?.detail], ['unreadable', 'broken']);
});

test('an effect that is being made when the trial is stopped is undone when it is there', async () => {
  const cluster = new FakeCluster();
  const freeze = cluster.machines.freeze.bind(cluster.machines);
  const machines = cluster.machines as { freeze: (node: string) => Promise<void> };
  let state: StopReading['state'] = 'clear';
  const parts = partsOf(cluster, {
    stopConditions: [BURNS],
    readStopConditions: () => Promise.resolve([readingOf(state)]),
    clock: fastClock,
  });
  const trial = await Trial.open(parts);
  machines.freeze = async (node) => {
    state = 'true';
    await untilAborted(trial.signal);
    // The machine answers late.
    await systemClock.sleep(100);
    await freeze(node);
  };
  await assert.rejects(trial.inject(frozenOne));
  await trial.close({ how: 'interrupted' });
  assert.deepEqual(
    cluster.calls.slice(-2).map((call) => call.split(' ')[0]),
    ['freeze', 'thaw'],
  );
  assert.equal(cluster.safe.size, 0);
});

test('nothing is injected while a stop condition holds or cannot be read, or in a freeze window', async () => {
  for (const [state, message] of [
    ['true', /stop-condition: .*"burns" holds/],
    ['unreadable', /stop-condition: .*"burns" cannot be read/],
  ] as const) {
    const cluster = new FakeCluster();
    const policy = { freeze: [], stop: [BURNS] };
    const trial = await Trial.open(
      partsOf(cluster, {
        readSnapshot: () =>
          Promise.resolve({ ...cluster.snapshot(), policy: { policy, clusterUid: 'u', wallMs: 1 } }),
        readStopConditions: () => Promise.resolve([readingOf(state)]),
      }),
    );
    await assert.rejects(trial.inject(frozenOne), { code: 'guard.refused', message });
    assert.deepEqual(cluster.calls, []);
    await trial.close({ how: 'error' });
  }
  const cluster = new FakeCluster();
  const freeze = [{ kind: 'span', name: 'sale', fromWallMs: 0, toWallMs: 2 } as const];
  const policy = { policy: { freeze, stop: [] }, clusterUid: 'u', wallMs: 1 };
  const trial = await Trial.open(
    partsOf(cluster, { readSnapshot: () => Promise.resolve({ ...cluster.snapshot(), policy }) }),
  );
  await assert.rejects(trial.inject(frozenOne), {
    code: 'guard.refused',
    message: /freeze-window: .*"sale"/,
  });
  assert.deepEqual(cluster.calls, []);
  await trial.close({ how: 'error' });
});

test('what a person does in a trial is kept safe before, told, and taken back at the end', async () => {
  const cluster = new FakeCluster();
  const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' } as const;
  const kube = new MemoryObjects({ 'node-1': { metadata: { name: 'node-1', labels: { disk: 'ssd' } } } });
  const parts = partsOf(cluster, { kube });
  const trial = await Trial.open(parts);
  const labels = { disk: 'hdd', 'healer.firedrill.dev/opt-out': 'true' };
  await trial.change(node, { metadata: { labels }, spec: { unschedulable: true } });
  await trial.create({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'none' } });
  assert.equal(cluster.safe.size, 2);
  assert.ok(kube.kept.has('none'));
  // Somebody else is at work, too.
  await kube.patch(node, 'merge', { metadata: { labels: { 'healer.firedrill.dev/opt-out': 'false' } } });
  await trial.close({ how: 'finished' });
  assert.ok(!kube.kept.has('none'));
  assert.deepEqual(kube.kept.get('node-1'), {
    metadata: { name: 'node-1', labels: { disk: 'ssd', 'healer.firedrill.dev/opt-out': 'false' } },
    spec: {},
  });
  assert.equal(cluster.safe.size, 0);
  const notes = bodies(parts.journalPath).flatMap((entry) => (entry.kind === 'note' ? [entry.text] : []));
  assert.match(notes.join('\n'), /a person changes Node node-1: .*"unschedulable":true/);
  assert.match(notes.join('\n'), /undone: PodDisruptionBudget none deleted/);
  assert.ok(!kinds(parts.journalPath).includes('fault.reverted'), 'it is no fault');
});

test('what a person takes away stays away: an undo would put back what was of others', async () => {
  const kube = new MemoryObjects({ 'node-1': { spec: { unschedulable: true } } as object });
  const trial = await Trial.open(partsOf(new FakeCluster(), { kube }));
  await trial.change({ apiVersion: 'v1', kind: 'Node', name: 'node-1' }, { spec: { unschedulable: null } });
  await trial.close({ how: 'finished' });
  assert.deepEqual(kube.kept.get('node-1'), { spec: {} });
});

test('an object that was there before a trial is neither made anew nor deleted by it', async () => {
  const kube = new MemoryObjects({ theirs: { metadata: { name: 'theirs' } } });
  const trial = await Trial.open(partsOf(new FakeCluster(), { kube }));
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } };
  await assert.rejects(trial.create(object), /exists already/);
  await trial.close({ how: 'error' });
  assert.ok(kube.kept.has('theirs'));
});

test("on somebody else's cluster no object is changed", async () => {
  const cluster = Object.assign(new FakeCluster(), { borrowed: true as const });
  const trial = await Trial.open(partsOf(cluster));
  const node = { apiVersion: 'v1', kind: 'Node', name: 'node-1' };
  await assert.rejects(trial.change(node, { spec: {} }), { code: 'trial.not-ours' });
  await assert.rejects(trial.create({ ...node, metadata: { name: 'x' } }), { code: 'trial.not-ours' });
  await trial.close({ how: 'finished' });
});
