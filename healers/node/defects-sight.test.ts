import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '../cluster/objects.ts';
import { given } from '../testing/given.ts';
import { DEEDS } from '../testing/healer-records.ts';
import { NodeBench } from '../testing/node-bench.ts';

test('D17 a cluster whose etcd was restored, so that versions begin lower, is seen as it is', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.version = 5000;
  for (const node of [...bench.server.nodes.values()]) bench.server.putNode(node);
  bench.server.version = 200;
  bench.server.setReady('n1', 'False');
  await bench.until(60);
  assert.equal(conditionOf(bench.observed.node('n1') ?? {}, 'Ready'), 'False');
});

test('D18 a node without a lease that is silent and Unknown is told to people', async () => {
  const bench = new NodeBench();
  await bench.calm(4, (name) => (name === 'n1' ? { lease: 'none' } : {}));
  bench.silent.add('n1');
  bench.server.setReady('n1', 'Unknown');
  await bench.until(600);
  assert.notDeepEqual(bench.records.pages('n1'), []);
});

test('D29 a healer that observes lets go of a node that came back, and sees the next', async () => {
  const bench = new NodeBench({ policy: { coolDownMs: 0, mode: 'observe' } });
  await bench.calm(8);
  bench.silent.add('n1');
  await bench.until(80);
  given(bench.records.linesOf('Cordon', 'n1').length === 1, 'it would have treated the first');
  bench.silent.delete('n1');
  await bench.until(120);
  bench.losePower('n2');
  await bench.until(240);
  assert.equal(bench.records.linesOf('Cordon', 'n2').length, 1);
});

test('a healer that observes holds no slot and misses no replacement that nobody asked for', async () => {
  const bench = new NodeBench({ policy: { mode: 'observe', coolDownMs: 0 } });
  await bench.calm(8);
  bench.losePower('n1');
  await bench.until(60);
  given(bench.records.linesOf('Replace', 'n1').length === 1, 'it would have treated the first to the end');
  bench.losePower('n2');
  await bench.until(70);
  assert.equal(bench.records.linesOf('PowerOff', 'n2').length, 1);
  await bench.until(900);
  assert.deepEqual(bench.records.pages(), []);
  assert.deepEqual(
    bench.records.calls.filter(({ request }) => DEEDS.includes(request)),
    [],
  );
});

test('D33 a node that is cut off is cordoned, and told as soon as its lease is overdue', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.cutOff.add('n1');
  await bench.until(120);
  const [page] = bench.records.pages('n1');
  given(page !== undefined, 'people heard of it');
  assert.ok((page?.atMs ?? Infinity) < 40_000, `told at ${page?.atMs ?? Infinity} ms, cut off at 20000 ms`);
  assert.ok(bench.server.isCordoned('n1'));
});

test('a node that is cut off keeps no other waiting, and gets its cordon back with its connection', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.cutOff.add('n1');
  await bench.until(40);
  given(bench.server.isCordoned('n1'), 'it was cordoned');
  bench.losePower('n2');
  await bench.until(50);
  assert.ok(bench.server.isCordoned('n2'));
  bench.cutOff.clear();
  await bench.until(70);
  assert.equal(bench.server.isCordoned('n1'), false);
});
