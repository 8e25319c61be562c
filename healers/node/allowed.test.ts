import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEntries } from '../safety/ledger.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';

// The admission policy lets a healer delete and evict only what its account names.

/** What the account names whenever a pod is deleted, in the order of the deletions. */
function namedAtDeletion(bench: NodeBench): (readonly string[])[] {
  const named: (readonly string[])[] = [];
  const remove = bench.server.deletePod.bind(bench.server);
  bench.server.deletePod = (pod) => {
    named.push([...bench.server.allowed.values()].map(({ node }) => node).sort());
    remove(pod);
  };
  return named;
}

const order = (bench: NodeBench, ...requests: readonly string[]) =>
  bench.records.calls.map(({ request }) => request).filter((request) => requests.includes(request));

test('a treatment is noted, then named on the account, then its node is marked; what it named goes with it', async () => {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.server.addPod('db-0', 'n1');
  const named = namedAtDeletion(bench);
  bench.losePower('n1');
  await bench.until(30);
  assert.deepEqual(named, [['n1']]);
  assert.deepEqual(order(bench, 'writeLedger', 'allow', 'patchNode').slice(0, 3), [
    'writeLedger',
    'allow',
    'patchNode',
  ]);
  bench.addNode('n1-r');
  await bench.until(60);
  given(!bench.server.nodes.has('n1'), 'the treatment has ended');
  assert.deepEqual(order(bench, 'deleteNode', 'disallow'), ['deleteNode', 'disallow']);
  assert.deepEqual([...bench.server.allowed], []);
});

test('two treatments at once are both named, and the one that ends takes nothing from the other', async () => {
  const bench = new NodeBench();
  await bench.calm(6, (_, number) => ({ zone: number < 3 ? 'lost' : `zone-${number}` }));
  for (const node of ['n1', 'n2']) bench.server.addPod(`pod-of-${node}`, node);
  const named = namedAtDeletion(bench);
  for (const node of ['n1', 'n2']) bench.losePower(node);
  await bench.until(30);
  given(named.length === 2, 'both are treated');
  assert.deepEqual(named.at(-1), ['n1', 'n2']);
  bench.addNode('n1-r');
  await bench.until(180);
  given(!bench.server.nodes.has('n1') && bench.server.nodes.has('n2'), 'one has ended');
  assert.deepEqual([...bench.server.allowed.keys()], ['n2-uid']);
});

test('a drain whose namespaces the account has lost goes on, and they are named before the next eviction', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) bench.server.addPod(name, 'n1');
  const evict = bench.server.evictPod.bind(bench.server);
  const named: unknown[] = [];
  bench.server.evictPod = (pod) => {
    named.push(bench.server.allowed.get('n1-uid')?.namespaces.includes('default'));
    if (named.length === 2) bench.server.allowed.clear();
    return evict(pod);
  };
  bench.server.setReady('n1', 'False');
  await bench.until(45);
  assert.deepEqual(named, [true, true, true, true, true, true]);
  assert.deepEqual(bench.records.linesOf('AllowDrain', 'n1').length, 2);
});

test('a fenced node that account and ledger have lost is noted and named again before its pods are deleted', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.addPod('db-0', 'n1');
  const powerOff = bench.machines.powerOff.bind(bench.machines);
  bench.machines.powerOff = (node, attempt) => {
    bench.server.putLedger({});
    bench.server.allowed.clear();
    return powerOff(node, attempt);
  };
  const named = namedAtDeletion(bench);
  bench.losePower('n1');
  await bench.until(30);
  given(bench.records.asked('powerOff') > 0, 'the machine was fenced');
  assert.deepEqual(named, [['n1']]);
  assert.deepEqual(
    readEntries(bench.server.ledger).map(({ node }) => node),
    ['n1'],
  );
});

test('what a crash left on the account goes when the leader keeps its ledger; treatments under way stay', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.losePower('n1');
  await bench.until(30);
  for (const node of ['n2', 'n9'])
    bench.server.allowed.set(`${node}-uid`, { node, uid: `${node}-uid`, namespaces: ['default'] });
  bench.leading = false;
  await bench.keepLedger();
  assert.equal(bench.server.allowed.size, 3);
  bench.leading = true;
  await bench.keepLedger();
  assert.deepEqual([...bench.server.allowed.keys()], ['n1-uid']);
});
