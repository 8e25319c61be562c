import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../core/clock.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { executeUndo } from './undo.ts';

const signal = new AbortController().signal;

function contextOf(cluster: FakeCluster, readied: string[] = []) {
  return {
    cluster,
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

test('an undo that nobody knows is an error', async () => {
  const unknown = executeUndo(undo('node.rewind'), contextOf(new FakeCluster()), signal);
  await assert.rejects(unknown, /there is no undo "node.rewind"/);
});

test('of a pod that was killed nothing is undone, and nobody is asked', async () => {
  const cluster = new FakeCluster();
  const gone = { verb: 'pod.none', args: { name: 'web-1', node: 'node-1' } };
  assert.match(await executeUndo(gone, contextOf(cluster), signal), /^web-1 is gone for good/);
  assert.deepEqual(cluster.calls, []);
});
