import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '../../harness/core/clock.ts';
import { INJECTORS } from '../../harness/faults/registry.ts';
import { FakeCluster } from '../../harness/testing/fake-cluster.ts';
import { retiredMachine } from '../machines/inspection.ts';
import { executeUndo } from './execute-undo.ts';

const signal = new AbortController().signal;

function contextOf(cluster: FakeCluster, readied: string[] = []) {
  return {
    machines: cluster.machines,
    clock: systemClock,
    nodeReturn: {
      lastRenewal: () => Promise.resolve('before'),
      awaitReady: (node: string, lastRenewal: string | undefined) =>
        Promise.resolve(void readied.push(`${node} since ${lastRenewal ?? 'ever'}`)),
    },
  };
}
const undo = (verb: string) => ({ verb, args: { node: 'node-1' } });

for (const [fault, verb, observation] of [
  ['freeze', 'node.thaw', 'node-1 thawed'],
  ['cableOut', 'node.cable-in', 'node-1 plugged in again'],
  ['powerOff', 'node.power-on', 'node-1 powered on again, and Ready'],
] as const) {
  test(`${verb} undoes its fault, and does nothing the second time`, async () => {
    const cluster = new FakeCluster();
    await cluster.machines[fault]('node-1');
    assert.equal(await executeUndo(undo(verb), contextOf(cluster), signal), observation);
    const calls = cluster.calls.length;
    assert.equal(await executeUndo(undo(verb), contextOf(cluster), signal), observation);
    assert.equal(cluster.calls.length, calls, 'the second time there is nothing to do');
  });

  test(`${verb} leaves a machine alone that was fenced or replaced`, async () => {
    const fenced = new FakeCluster();
    await fenced.machines[fault]('node-1');
    fenced.fence('node-1');
    assert.match(
      await executeUndo(undo(verb), contextOf(fenced), signal),
      /was fenced by the healer and stays off/,
    );
    const replaced = new FakeCluster();
    await replaced.machines[fault]('node-1');
    await replaced.machines.replace('node-1');
    assert.match(await executeUndo(undo(verb), contextOf(replaced), signal), /was replaced and retired/);
    for (const { calls } of [fenced, replaced])
      assert.ok(!calls.some((call) => /power-on|thaw|cable-in/.test(call)));
  });
}

test('a node that was powered on has to be Ready; one that stays fenced does not', async () => {
  const cluster = new FakeCluster();
  const readied: string[] = [];
  await cluster.machines.powerOff('node-1');
  await executeUndo(undo('node.power-on'), contextOf(cluster, readied), signal);
  cluster.fence('node-1');
  await executeUndo(undo('node.power-on'), contextOf(cluster, readied), signal);
  assert.deepEqual(readied, ['node-1 since before']);
});

test('a machine is switched on even where the API server does not tell what it knew of the node', async () => {
  const cluster = new FakeCluster();
  await cluster.machines.powerOff('node-1');
  const silent = {
    ...contextOf(cluster),
    nodeReturn: {
      lastRenewal: () => Promise.reject(new Error('no answer')),
      awaitReady: () => Promise.resolve(),
    },
  };
  await assert.rejects(executeUndo(undo('node.power-on'), silent, signal), /no answer/);
  assert.ok((await cluster.machines.inspect('node-1')).processes > 0);
});

test('an effect that does not go away keeps the undo from succeeding', async () => {
  const cluster = new FakeCluster();
  await cluster.machines.freeze('node-1');
  cluster.deaf = true;
  await assert.rejects(executeUndo(undo('node.thaw'), contextOf(cluster), AbortSignal.timeout(200)));
});

test('an undo that nobody knows is an error, and so is one that makes an effect', async () => {
  for (const verb of ['node.rewind', 'node.toString', 'thaw', 'node.freeze'])
    await assert.rejects(executeUndo(undo(verb), contextOf(new FakeCluster()), signal), {
      code: 'undo.unknown-verb',
      message: `there is no undo "${verb}"`,
      hint: 'known are pod.none, node.power-on, node.thaw, node.cable-in, object.delete, object.restore',
    });
});

test('an undo that does not name what it hit is refused, and never told as done', async () => {
  const { machines } = new FakeCluster();
  const inspect = (node: string) => Promise.resolve(retiredMachine(node));
  const actors = { clock: systemClock, machines: { ...machines, inspect } };
  for (const [verb, args, key] of [
    ['node.thaw', {}, 'node'],
    ['node.power-on', { node: 7 }, 'node'],
    ['node.cable-in', { node: ' ' }, 'node'],
    ['pod.none', { node: 'node-1' }, 'name'],
  ] as const)
    await assert.rejects(executeUndo({ verb, args }, actors, signal), {
      code: 'undo.malformed',
      message: `the undo ${verb} does not say which ${key}: ${JSON.stringify(args)}`,
    });
});

test('an undo ends with its signal, also where a look is never answered', async () => {
  const { machines } = new FakeCluster();
  const actors = {
    clock: systemClock,
    machines: { ...machines, inspect: () => new Promise<never>(() => {}) },
  };
  const limit = new AbortController();
  const undone = executeUndo(undo('node.thaw'), actors, limit.signal);
  limit.abort(new Error('its time is up'));
  await assert.rejects(undone, /its time is up/);
  await assert.rejects(executeUndo(undo('node.thaw'), actors, limit.signal), /its time is up/);
});

test('an undo whose time is up does not act any more', async () => {
  const cluster = new FakeCluster();
  await cluster.machines.freeze('node-1');
  const looked = Promise.withResolvers<undefined>();
  const inspect = async (node: string) => {
    await looked.promise;
    return cluster.machines.inspect(node);
  };
  const actors = { clock: systemClock, machines: { ...cluster.machines, inspect } };
  const limit = new AbortController();
  const undone = executeUndo(undo('node.thaw'), actors, limit.signal);
  limit.abort(new Error('its time is up'));
  await assert.rejects(undone, /its time is up/);
  looked.resolve(undefined);
  await setImmediate();
  assert.ok(!cluster.calls.some((call) => call.includes('thaw')), cluster.calls.join());
});

test('where a machine cannot be asked for it nobody claims that the effect is gone', async () => {
  const { machines } = new FakeCluster();
  const powerOnly = {
    clock: systemClock,
    machines: { inspect: (node: string) => machines.inspect(node), powerOn: machines.powerOn },
  };
  for (const actors of [{ clock: systemClock }, powerOnly])
    await assert.rejects(executeUndo(undo('node.thaw'), actors, signal), { code: 'undo.no-actor' });
});

test('after the death of the trial nobody waits for Kubernetes', async () => {
  const { machines } = new FakeCluster();
  await machines.powerOff('node-1');
  const actors = { clock: systemClock, machines };
  assert.equal(await executeUndo(undo('node.power-on'), actors, signal), 'node-1 powered on again');
});

test('all that an undo is told besides the node are parameters of its verb', async () => {
  const { machines } = new FakeCluster();
  await machines.freeze('node-1');
  const told: unknown[] = [];
  const thaw = async (node: string, parameters: unknown): Promise<void> => {
    told.push(parameters);
    await machines.thaw(node);
  };
  const gently = { verb: 'node.thaw', args: { node: 'node-1', gently: true } };
  await executeUndo(gently, { clock: systemClock, machines: { ...machines, thaw } }, signal);
  assert.deepEqual(told, [{ gently: true }]);
});

test('the undo of every fault is one that the executor knows', async () => {
  for (const injector of INJECTORS) {
    const { machines } = new FakeCluster();
    const target = { kind: 'node', name: 'node-1', uid: 'u', node: 'node-1' } as const;
    await assert.doesNotReject(
      executeUndo(injector.undo(target), { clock: systemClock, machines }, signal),
      injector.kind,
    );
  }
});

test('of a pod that was killed nothing is undone, and nobody is asked', async () => {
  const cluster = new FakeCluster();
  const gone = { verb: 'pod.none', args: { name: 'web-1', node: 'node-1' } };
  assert.match(await executeUndo(gone, contextOf(cluster), signal), /^web-1 is gone for good/);
  assert.deepEqual(cluster.calls, []);
});
