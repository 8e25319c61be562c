import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEDGER_KEYS } from '../cluster/ledger-object.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';

// The admission policy lets a healer delete and evict only what its ledger names.

test('a drain whose ledger was lost goes on, and the ledger names it again', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) bench.server.addPod(name, 'n1');
  const evict = bench.server.evictPod.bind(bench.server);
  const namedAtEviction: unknown[] = [];
  bench.server.evictPod = (pod) => {
    namedAtEviction.push(bench.server.ledger?.data?.[LEDGER_KEYS.drainedNamespaces]);
    if (namedAtEviction.length === 2) bench.server.putLedger({});
    return evict(pod);
  };
  bench.server.setReady('n1', 'False');
  await bench.until(45);
  assert.equal(namedAtEviction.length, 6);
  assert.deepEqual([...new Set(namedAtEviction)], ['default']);
});

test('the pods of a fenced node whose treatment the ledger has lost are deleted, and named before', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.addPod('db-0', 'n1');
  const powerOff = bench.machines.powerOff.bind(bench.machines);
  bench.machines.powerOff = (node, attempt) => {
    bench.server.putLedger({});
    return powerOff(node, attempt);
  };
  const remove = bench.server.deletePod.bind(bench.server);
  const namedAtDeletion: unknown[] = [];
  bench.server.deletePod = (pod) => {
    namedAtDeletion.push(bench.server.ledger?.data?.[LEDGER_KEYS.treatedNodes]);
    remove(pod);
  };
  bench.losePower('n1');
  await bench.until(30);
  given(bench.records.asked('powerOff') > 0, 'the machine was fenced');
  assert.deepEqual(namedAtDeletion, ['n1']);
});
