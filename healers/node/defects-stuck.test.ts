import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineError } from '../../infra/machines/errors.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';
import { PAUSE_ANNOTATION } from '../cluster/pause-watch.ts';

const refusal = (status: number): MachineError => new MachineError('machines.failed', 'refused', { status });

test('a node whose replacement was lost in its turn goes too, and waits for it no longer', async () => {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.losePower('n1');
  await bench.until(30);
  bench.addNode('n1-r', { ready: 'False', created: 'now' });
  await bench.until(32);
  given(bench.records.asked('replace', 'n1') > 0, 'the replacement was asked for');
  assert.ok(bench.server.nodes.has('n1'));
  bench.server.deleteNode('n1-r');
  await bench.until(35);
  assert.ok(!bench.server.nodes.has('n1'));
});

test('D02 a power-off that is denied for good is told to people, and lets other nodes be treated', async () => {
  const bench = new NodeBench({ policy: { coolDownMs: 0 } });
  await bench.calm(11);
  bench.machines.powerOff = (node) => {
    if (node === 'n1') throw refusal(403);
    return bench.machines.says(node, 'off');
  };
  bench.losePower('n1');
  await bench.until(60);
  given(bench.records.asked('powerOff', 'n1') > 0, 'the power-off was tried');
  bench.losePower('n2');
  await bench.until(360);
  assert.notDeepEqual(bench.records.pages('n1'), []);
  assert.ok(bench.server.isCordoned('n2'));
});

test('D03 a power-off that is answered with `on` again and again is a failure, told once to people', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.machines.powerOff = (node) => bench.machines.says(node, 'on');
  bench.silent.add('n1');
  await bench.until(60);
  given(bench.records.asked('powerOff', 'n1') > 0, 'the power-off was tried');
  const events = bench.records.events.length;
  await bench.until(120);
  assert.notDeepEqual(bench.records.pages('n1'), []);
  assert.ok(bench.records.events.length - events <= 6, 'an Event about every try');
  assert.ok(!bench.records.actions.some(({ action, ok }) => action === 'PowerOff' && ok));
});

test('D13 without a machine interface every dead node is cordoned and told', async () => {
  const bench = new NodeBench({ policy: { coolDownMs: 0 }, machineInterface: false });
  await bench.calm(8);
  bench.silent.add('n1');
  await bench.until(60);
  given(bench.server.isCordoned('n1') && bench.records.pages('n1').length > 0, 'the first one was');
  bench.silent.add('n2');
  await bench.until(180);
  assert.ok(bench.server.isCordoned('n2'));
  assert.notDeepEqual(bench.records.pages('n2'), []);
});

test('D14 a replacement that never comes is given up, and other nodes are treated', async () => {
  const bench = new NodeBench({
    policy: { coolDownMs: 0, replaceAfterMs: 0, replacementDeadlineMs: 60_000 },
  });
  await bench.calm(8);
  bench.losePower('n1');
  await bench.until(60);
  given(bench.records.linesOf('Replace', 'n1').length > 0, 'a replacement was asked for');
  bench.losePower('n2');
  await bench.until(240);
  given(bench.records.pages('n1').length > 0, 'the replacement is late');
  assert.ok(bench.server.isCordoned('n2'));
});

test('D19 a node that the machine interface does not know is told to people', async () => {
  const bench = new NodeBench();
  await bench.calm(4, (name) => (name === 'n1' ? { machine: 'absent' } : {}));
  bench.machines.powerOff = () => {
    throw refusal(404);
  };
  bench.silent.add('n1');
  await bench.until(320);
  given(bench.server.isCordoned('n1'), 'the node was found dead');
  assert.notDeepEqual(bench.records.pages('n1'), []);
});

test('D35 a treatment that a person has paused lets other nodes be treated', async () => {
  const bench = new NodeBench({ policy: { coolDownMs: 0 } });
  await bench.calm(8);
  bench.machines.powerOff = (node) => {
    if (node === 'n1') throw refusal(429);
    return bench.machines.says(node, 'off');
  };
  bench.losePower('n1');
  await bench.until(25);
  given(bench.server.isCordoned('n1'), 'the treatment has begun');
  const { annotations } = bench.server.node('n1').metadata;
  bench.server.changeMetadata('n1', { annotations: { ...annotations, [PAUSE_ANNOTATION]: 'looking' } });
  bench.losePower('n2');
  await bench.until(325);
  assert.ok(bench.server.isCordoned('n2'));
});

test('D36 a namespace whose pods cannot be listed in time does not hold up the replacement', async () => {
  const bench = new NodeBench({ policy: { replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.server.addPod('web-1', 'n1');
  bench.server.podsIn = () => {
    throw new Error('no answer within 2000 ms');
  };
  bench.losePower('n1');
  await bench.until(120);
  given(!bench.server.pods.has('web-1'), 'the pods are gone');
  assert.equal(bench.records.asked('replace', 'n1'), 1);
});

test('a node whose object somebody else holds keeps no other waiting, and people hear of it once', async () => {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(6);
  bench.server.deleteNode = (name) => {
    if (bench.server.node(name).metadata.deletionTimestamp === undefined)
      bench.server.changeMetadata(name, { deletionTimestamp: 'now' });
  };
  bench.losePower('n1');
  await bench.until(30);
  bench.addNode('n1-r');
  await bench.until(50);
  given(bench.server.node('n1').metadata.deletionTimestamp !== undefined, 'the old node was to go');
  bench.losePower('n2');
  await bench.until(80);
  assert.equal(bench.records.asked('replace', 'n2'), 1);
  await bench.until(900);
  assert.deepEqual(
    bench.records.pages('n1').map(({ text }) => text.includes('let go of')),
    [true],
  );
});

for (const read of ['readNode', 'readNodeLease', 'listPodsOnNode'] as const) {
  test(`a treated node of which ${read} fails for good is told once, and keeps no other node waiting`, async () => {
    const bench = new NodeBench({ policy: { coolDownMs: 0 } });
    await bench.calm(8);
    bench.losePower('n1');
    while (!bench.server.isCordoned('n1')) await bench.clock.runUntil(bench.clock.now().monoMs + 1);
    bench.records.onCall = (request, about) => {
      if (request === read && about === 'n1') throw refusal(500);
    };
    bench.losePower('n2');
    await bench.until(180);
    assert.equal(bench.records.pages('n1').length, 1);
    assert.ok(bench.records.asked('powerOff', 'n2') > 0);
  });
}
