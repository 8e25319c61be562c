import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineError } from '../../infra/machines/errors.ts';
import type { MachineState } from '../../infra/machines/protocol.ts';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';
import { writeEntries, type LedgerEntry } from '../safety/ledger.ts';
import { OUT_OF_SERVICE_TAINT } from '../cluster/nodes.ts';

const failing = (): never => {
  throw new MachineError('machines.failed', 'no capacity', { status: 500 });
};

test('D16 a machine that is on again after its proof is neither replaced nor called out of service', async () => {
  const bench = new NodeBench({ policy: { replaceAfterMs: 0 } });
  await bench.calm(4);
  bench.server.addPod('db-0', 'n1');
  let deletions = 0;
  bench.server.deletePod = ({ uid }) => {
    if (++deletions < 3) throw new Error('500');
    bench.server.pods.delete(uid);
  };
  bench.losePower('n1');
  bench.every(20, () => {
    if (bench.records.asked('powerOff') > 0) bench.machines.states.set('n1', 'on');
  });
  const replacedWhile: unknown[] = [];
  bench.machines.replace = (node) => {
    replacedWhile.push(bench.machines.states.get(node));
    return { node, replacement: `${node}-r` };
  };
  await bench.until(40);
  given(bench.records.linesOf('PowerOff', 'n1').length > 0, 'the power-off was proved');
  assert.ok(!replacedWhile.includes('on'), 'replaced while it was on');
  const isOutOfService = bench.server
    .node('n1')
    .spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE_TAINT);
  // Between two returns of its power it is off, and may be replaced.
  assert.ok(replacedWhile.length > 0 || isOutOfService !== true);
});

test('D26 the answer that another process got to the same power-off is no proof: the machine is on', async () => {
  const bench = new NodeBench({ policy: { replaceAfterMs: 0 } });
  await bench.calm(4);
  const answers = new Map<string, MachineState>();
  bench.machines.powerOff = (node, attempt) => {
    const answer = answers.get(attempt) ?? bench.machines.says(node, 'off');
    if (!answers.has(attempt)) bench.machines.states.set(node, 'off');
    answers.set(attempt, answer);
    return answer;
  };
  bench.machines.replace = failing;
  bench.losePower('n1');
  await bench.until(30);
  given(bench.records.asked('replace', 'n1') > 0, 'the machine was off and empty');
  // A person switches it on, out of our sight; then a process leads that has no proof of its own.
  bench.machines.states.set('n1', 'on');
  bench.server.addPod('db-0', 'n1');
  const doneWhileOn: string[] = [];
  const note = (what: string): void => {
    if (bench.machines.states.get('n1') === 'on') doneWhileOn.push(what);
  };
  bench.server.deletePod = ({ name, uid }) => {
    note(`${name} deleted`);
    bench.server.pods.delete(uid);
  };
  bench.machines.replace = (node) => {
    note(`${node} replaced`);
    return { node, replacement: `${node}-r` };
  };
  bench.remediations.forget('n1-uid');
  await bench.until(40);
  assert.deepEqual(doneWhileOn, []);
});

/** The attempts of a power-off that fails, of two losses of one node with something done to the ledger in between. */
async function attemptsAround(between: (bench: NodeBench) => void): Promise<readonly string[]> {
  const bench = new NodeBench({ policy: { coolDownMs: 0 } });
  await bench.calm(4);
  const attempts = new Set<string>();
  bench.machines.powerOff = (_node, attempt) => {
    attempts.add(attempt);
    return failing();
  };
  bench.losePower('n1');
  await bench.until(30);
  bench.regainPower('n1');
  await bench.until(60);
  given(!bench.server.isCordoned('n1'), 'the treatment was called off');
  between(bench);
  bench.observed.seeLedger(bench.server.ledger);
  const asked = bench.records.asked('powerOff');
  bench.losePower('n1');
  await bench.until(90);
  given(bench.records.asked('powerOff') > asked, 'the node was lost again');
  return [...attempts];
}

test('D27 a second loss of a node is another attempt, though the ledger was deleted or has forgotten the first', async () => {
  const others = Array.from({ length: 100 }, (_, number): LedgerEntry => {
    const name = `other-${number}`;
    const times = {
      startedAtMs: number,
      agedMs: 3_600_000,
      endedAtMs: number,
      outcome: 'recovered',
    } as const;
    return { attempt: `${name}.${name}.1`, node: name, uid: name, pool: '', zone: '', ...times };
  });
  const deleted = await attemptsAround((bench) => (bench.server.ledger = undefined));
  const forgotten = await attemptsAround((bench) => bench.server.putLedger(writeEntries(others)));
  assert.deepEqual([deleted.length, forgotten.length], [2, 2]);
});

test('a machine of another identity under the name of a node is no word about it: it is not powered off, and people hear of it; letters of another case are the same', async () => {
  const bench = new NodeBench();
  bench.machines.systemUuids.set('n1', 'bbbb-1').set('n2', 'AAAA-2');
  await bench.calm(8, (_, number) => ({ systemUuid: `aaaa-${number}` }));
  bench.losePower('n1');
  await bench.until(100);
  assert.equal(bench.records.asked('powerOff', 'n1'), 0);
  assert.match(
    bench.records
      .pages('n1')
      .map(({ text }) => text)
      .join(),
    /systemUuid bbbb-1, that of the node is aaaa-1/,
  );
  bench.losePower('n2');
  await bench.until(140);
  assert.ok(bench.records.asked('powerOff', 'n2') > 0);
});

test('a machine that turns out to be another one during the treatment is neither powered off nor replaced, and no pod is deleted on its word', async () => {
  const bench = new NodeBench();
  await bench.calm(4, (_, number) => ({ systemUuid: `aaaa-${number}` }));
  bench.server.addPod('web-1', 'n1');
  const powerOff = bench.machines.powerOff.bind(bench.machines);
  bench.machines.powerOff = (node, attempt) => {
    bench.machines.systemUuids.set(node, 'bbbb-1');
    return powerOff(node, attempt);
  };
  bench.losePower('n1');
  await bench.until(140);
  assert.equal(bench.records.asked('powerOff', 'n1'), 1);
  assert.equal(bench.records.asked('replace', 'n1') + bench.records.asked('deletePod'), 0);
});
