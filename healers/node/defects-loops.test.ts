import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal } from '../../infra/kube/errors.ts';
import { MachineError } from '../../infra/machines/errors.ts';
import { ConflictError } from '../cluster/call.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';

/** Four calm nodes and one treatment need fewer requests and looks than this. */
const CALM_PER_SECOND = 20;

/** Steps the bench through ten seconds; returns how much more there is of something then, per second. */
async function perSecond(bench: NodeBench, count: () => number): Promise<number> {
  const before = count();
  await bench.clock.runUntil(bench.clock.now().monoMs + 10_000);
  return (count() - before) / 10;
}

test('D01 a write that an admission policy denies for good (422) makes no hot loop, and people hear of it', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.patchNode = () => {
    throw new ConflictError('Node n1 changed in between (422: ValidatingAdmissionPolicy denied the request)');
  };
  bench.losePower('n1');
  await bench.until(25);
  given(bench.records.asked('patchNode') > 0, 'a write was tried');
  const rate = await perSecond(bench, () => bench.records.calls.length);
  assert.ok(rate < CALM_PER_SECOND, `${rate} requests per second`);
  await bench.until(120);
  assert.notDeepEqual(bench.records.pages('n1'), []);
});

test('D04 a Node object that a finalizer holds is deleted once and waited for', async () => {
  const bench = new NodeBench({ policy: { movedWithinMs: 0, replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.server.deleteNode = (name) => {
    if (bench.server.node(name).metadata.deletionTimestamp !== undefined) return;
    bench.server.changeMetadata(name, {
      deletionTimestamp: '2026-01-01T00:00:31Z',
      finalizers: ['karpenter.sh/termination'],
    });
  };
  bench.losePower('n1');
  await bench.until(30);
  bench.addNode('n1-r');
  await bench.until(31);
  given(bench.records.asked('deleteNode', 'n1') > 0, 'the node was to go');
  const rate = await perSecond(bench, () => bench.records.calls.length);
  assert.ok(rate < CALM_PER_SECOND, `${rate} requests per second`);
  assert.ok(bench.records.resolved('n1').length <= 1);
});

test('D05 a healer that does not lead looks calmly at a node that the leader treats', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.losePower('n1');
  await bench.until(40);
  given(bench.records.linesOf('Replace', 'n1').length > 0, 'the treatment waits for the replacement');
  bench.leading = false;
  const rate = await perSecond(bench, () => bench.reconciles);
  assert.ok(rate < CALM_PER_SECOND, `${rate} looks per second`);
});

test('a step that an answer asks to wait for is tried no sooner, and no other step waits for it', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.machines.powerOff = () => {
    throw new MachineError('machines.throttled', 'later', { status: 429, retryAfterMs: 20_000 });
  };
  bench.losePower('n1');
  await bench.until(39);
  assert.equal(bench.records.asked('powerOff', 'n1'), 1);
  bench.regainPower('n1');
  await bench.until(44);
  given(bench.records.asked('powerOff', 'n1') === 1, 'the power-off still waits');
  assert.equal(bench.server.isCordoned('n1'), false);
});

test('an API server that asks to wait is asked for the same no sooner', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  bench.server.patchNode = () => {
    throw refusal('PATCH', '/api/v1/nodes/n1', 429, 'too many requests', 20_000);
  };
  bench.losePower('n1');
  await bench.until(39);
  assert.equal(bench.records.asked('patchNode', 'n1'), 1);
});
