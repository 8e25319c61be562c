import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';

/** A calm bench of four nodes with these pods on the first. */
async function withPods(...pods: readonly string[]): Promise<NodeBench> {
  const bench = new NodeBench();
  await bench.calm(4);
  for (const pod of pods) bench.server.addPod(pod, 'n1');
  return bench;
}

const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `p${at}`);

test('D06 a pod that a budget protects keeps no other from leaving', async () => {
  const bench = await withPods('a', 'b', 'c', 'd', 'e');
  const evict = bench.server.evictPod.bind(bench.server);
  bench.server.evictPod = (pod) => (pod.name === 'a' ? { answer: 'refused', message: 'PDB' } : evict(pod));
  bench.server.setReady('n1', 'False');
  await bench.until(49);
  given(bench.records.asked('evictPod', 'a') > 0, 'the protected pod was asked');
  assert.deepEqual([...bench.server.pods.keys()], ['a']);
});

test('D07 a pod with two budgets, which the server cannot evict (500), keeps no other from leaving', async () => {
  const bench = await withPods('a', 'b', 'c');
  const evict = bench.server.evictPod.bind(bench.server);
  bench.server.evictPod = (pod) => {
    if (pod.name === 'a') throw new Error('500 This pod has more than one PodDisruptionBudget');
    return evict(pod);
  };
  bench.server.setReady('n1', 'False');
  await bench.until(49);
  given(bench.records.asked('evictPod', 'a') > 0, 'the protected pod was asked');
  assert.deepEqual([...bench.server.pods.keys()], ['a']);
});

test('D22 a node that is not Ready every other 20 s is cordoned once, and people hear of it once', async () => {
  const bench = await withPods(...numbered(30));
  let ready = true;
  bench.every(20_000, () => {
    ready = !ready;
    bench.server.setReady('n1', ready ? 'True' : 'False');
  });
  await bench.until(620);
  const told = {
    cordons: bench.records.linesOf('Cordon', 'n1').length,
    pages: bench.records.pages('n1').length,
  };
  assert.ok(told.cordons <= 1 && told.pages <= 1, JSON.stringify(told));
});

test('a node that was not Ready is uncordoned when it has been Ready for a while, and neither drained nor fenced until then', async () => {
  const bench = await withPods(...numbered(60));
  bench.server.setReady('n1', 'False');
  await bench.until(30);
  bench.server.setReady('n1', 'True');
  const left = bench.server.pods.size;
  given(bench.server.isCordoned('n1') && left > 0, 'the drain is under way');
  await bench.until(89);
  assert.ok(bench.server.isCordoned('n1'));
  assert.deepEqual([bench.server.pods.size, bench.records.asked('powerOff')], [left, 0]);
  await bench.until(91);
  assert.equal(bench.server.isCordoned('n1'), false);
});

test('D31 a node that is not Ready for 2 s, as when its kubelet restarts, is left alone', async () => {
  const bench = await withPods(...numbered(10));
  bench.server.setReady('n1', 'False');
  await bench.until(22);
  bench.server.setReady('n1', 'True');
  await bench.until(30);
  assert.equal(bench.records.linesOf('Cordon', 'n1').length, 0);
  assert.equal(bench.server.pods.size, 10);
});

/** A node that is not Ready, half a minute and more into its drain; evicted pods of a ReplicaSet take ten minutes to end. */
async function draining(): Promise<NodeBench> {
  const bench = await withPods('db');
  bench.server.addPod('bare', 'n1', 'bare');
  bench.server.evictPod = ({ uid }) => {
    const pod = bench.server.pods.get(uid)!;
    const metadata = { ...pod.metadata, deletionTimestamp: 'in 600 s', deletionGracePeriodSeconds: 600 };
    if (uid === 'bare') bench.server.pods.delete(uid);
    else bench.server.pods.set(uid, { ...pod, metadata });
    return { answer: 'evicted' };
  };
  bench.server.setReady('n1', 'False');
  await bench.until(60);
  given(bench.records.asked('evictPod', 'db') > 0, 'the pods were asked to leave');
  return bench;
}

test('D32 a pod has its 600 s of grace before the power of an answering node is cut', async () => {
  const bench = await draining();
  assert.equal(bench.records.asked('powerOff', 'n1'), 0);
  await bench.until(622);
  assert.equal(bench.records.asked('powerOff', 'n1'), 0);
  await bench.until(630);
  assert.ok(bench.records.asked('powerOff', 'n1') > 0);
});

test('D32 a pod that nobody makes again is not evicted without a warning', async () => {
  const { records } = await draining();
  const warnings = [
    ...records.events.filter((event) => event.startsWith('Warning')),
    ...records.messages.map(({ text }) => text),
  ];
  assert.ok(records.asked('evictPod', 'bare') === 0 || warnings.some((warning) => warning.includes('bare')));
});
