import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineError } from '../../infra/machines/errors.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';
import { OUT_OF_SERVICE_TAINT } from '../cluster/nodes.ts';
import { OPT_OUT_LABEL } from './remediation.ts';

test('D08 a new node has ten minutes to become Ready', async () => {
  const bench = new NodeBench();
  await bench.calm(5);
  bench.addNode('slow', { ready: 'False', created: 'now' });
  await bench.until(500);
  assert.equal(bench.records.asked('powerOff', 'slow'), 0);
});

/** A bench whose first node has lost its power, and whose machine interface makes machines anew in place. */
async function reimaging(): Promise<NodeBench> {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.machines.replace = (node) => ({ node, replacement: node });
  bench.losePower('n1');
  await bench.until(24);
  given(bench.records.asked('replace', 'n1') > 0, 'the replacement was asked for');
  return bench;
}

test('D15 a node whose replacement comes under its own name keeps its object', async () => {
  assert.ok((await reimaging()).server.nodes.has('n1'));
});

test('a node that was made anew in place is given back once it answers again, and is never fenced for that by another process', async () => {
  const bench = await reimaging();
  bench.remediations.forget('n1-uid');
  bench.regainPower('n1');
  await bench.until(35);
  assert.equal(bench.records.asked('powerOff', 'n1'), 1);
  const { metadata, spec } = bench.server.node('n1');
  assert.deepEqual([metadata.annotations, spec], [{}, { taints: [] }]);
  assert.equal(bench.records.resolved('n1').length, 1);
});

test('D20 an out-of-service taint of somebody else stays when a treatment is called off', async () => {
  const taint = { key: OUT_OF_SERVICE_TAINT, value: 'nodeshutdown', effect: 'NoExecute' };
  const bench = new NodeBench();
  await bench.calm(4, (name) => (name === 'n1' ? { spec: { taints: [taint] } } : {}));
  bench.machines.powerOff = () => {
    throw new MachineError('machines.failed', 'refused', { status: 500 });
  };
  bench.losePower('n1');
  await bench.until(25);
  bench.regainPower('n1');
  await bench.until(60);
  assert.deepEqual(bench.server.node('n1').spec?.taints, [taint]);
});

test('a cordon that a person sets after taking ours away stays when the treatment ends', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.machines.powerOff = () => {
    throw new MachineError('machines.failed', 'refused', { status: 500 });
  };
  bench.losePower('n1');
  await bench.until(25);
  given(bench.server.isCordoned('n1'), 'the treatment has begun');
  for (const value of [false, true])
    bench.server.patchNode('n1', [{ op: 'replace', path: '/spec/unschedulable', value }]);
  bench.regainPower('n1');
  await bench.until(60);
  assert.ok(bench.server.isCordoned('n1'));
});

test('D21 a node that a person has cordoned may reboot for 90 s', async () => {
  const bench = new NodeBench();
  await bench.calm(4, (name) => (name === 'n1' ? { spec: { unschedulable: true } } : {}));
  bench.silent.add('n1');
  await bench.until(110);
  assert.equal(bench.records.asked('powerOff', 'n1'), 0);
});

test("D23 a healthy node is not cut off between two renewals of its lease's own period", async () => {
  const bench = new NodeBench({ leaseRenewalMs: 25_000 });
  await bench.calm(4);
  // Any write to a Node object makes the healer look, also between two renewals.
  bench.every(10_000, () => bench.server.setReady('n1', 'True'));
  await bench.until(300);
  assert.deepEqual(bench.records.pages(), []);
});

test('D24 nodes that are opted out and off do not keep others from being treated', async () => {
  const bench = new NodeBench();
  const retired = { labels: { [OPT_OUT_LABEL]: 'true' }, spec: { unschedulable: true } };
  await bench.calm(40, (_name, number) => (number <= 4 ? retired : {}));
  for (const name of ['n1', 'n2', 'n3', 'n4']) bench.losePower(name);
  await bench.until(30);
  bench.losePower('n9');
  await bench.until(60);
  assert.ok(bench.server.isCordoned('n9'));
});

test('D30 a zone that falls silent as a whole while its machines are on is not fenced, and people hear of it', async () => {
  const bench = new NodeBench({ policy: { replaceAfterMs: 0, movedWithinMs: 0 } });
  await bench.calm(6, (_name, number) => ({ zone: `zone-${number % 3}` }));
  bench.silent.add('n1');
  bench.silent.add('n4');
  await bench.until(60);
  assert.equal(bench.records.asked('powerOff'), 0);
  assert.notDeepEqual(bench.records.pages(), []);
});

test('nodes that their owner has switched off are no failures of the fleet: nobody is paged for them, and one that dies besides is healed', async () => {
  const taints = [{ key: 'node.cloudprovider.kubernetes.io/shutdown', effect: 'NoSchedule' }];
  const bench = new NodeBench();
  await bench.calm(8, (_, number) => (number <= 5 ? { spec: { taints } } : {}));
  for (let number = 1; number <= 5; number++) bench.losePower(`n${number}`);
  await bench.until(100);
  assert.deepEqual(bench.records.messages, []);
  bench.losePower('n8');
  await bench.until(160);
  assert.deepEqual(
    new Set(bench.records.calls.filter(({ request }) => request === 'powerOff').map(({ about }) => about)),
    new Set(['n8']),
  );
});
