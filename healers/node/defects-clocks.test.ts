import assert from 'node:assert/strict';
import { test } from 'node:test';
import { given } from '../testing/given.ts';
import { NodeBench } from '../testing/node-bench.ts';
import type { NodePolicy } from '../policy/node-policy.ts';
import { writeEntries } from '../safety/ledger.ts';

/** A calm bench whose ledger has treatments of a node, each ended this long after now. */
async function withHistory(
  node: string,
  endedInMs: readonly number[],
  policy: Partial<NodePolicy> = {},
): Promise<NodeBench> {
  const bench = new NodeBench({ policy });
  await bench.calm(4);
  const { wallMs } = bench.clock.now();
  const entries = endedInMs.map((inMs, at) => {
    const name = { attempt: `${node}.${node}.${at + 1}`, node, uid: `${node}-uid`, pool: 'other', zone: '' };
    return { ...name, startedAtMs: wallMs, endedAtMs: wallMs + inMs, outcome: 'recovered' as const };
  });
  bench.observed.seeLedger(bench.server.putLedger(writeEntries(entries)));
  return bench;
}

test('D09 a leader whose clock is 5 min ahead gives a drain all of its time', async () => {
  const bench = new NodeBench();
  await bench.calm(4);
  for (let number = 0; number < 60; number++) bench.server.addPod(`p${number}`, 'n1');
  bench.server.setReady('n1', 'False');
  await bench.until(35);
  given(bench.server.isCordoned('n1') && bench.server.pods.size > 0, 'the drain is under way');
  bench.wallAheadMs = 300_000;
  await bench.until(37);
  assert.equal(bench.records.asked('powerOff', 'n1'), 0);
});

test('D28 an end that was noted by a clock 5 min ahead is over after the cool-down', async () => {
  const bench = await withHistory('n2', [300_000]);
  bench.losePower('n1');
  await bench.until(80);
  assert.ok(bench.server.isCordoned('n1'));
});

test('D28 a leader whose clock is an hour ahead knows the budget that is used up', async () => {
  const bench = await withHistory('n1', [0, 0, 0]);
  bench.wallAheadMs = 3_610_000;
  bench.losePower('n1');
  await bench.until(80);
  assert.equal(bench.server.isCordoned('n1'), false);
});

test('a leader whose clock is an hour behind knows in the end that a budget has come back', async () => {
  const bench = await withHistory('n1', [0, 0, 0], { budgetWindowMs: 60_000 });
  bench.wallAheadMs = -3_610_000;
  bench.losePower('n1');
  await bench.until(80);
  assert.equal(bench.server.isCordoned('n1'), false);
  await bench.until(90);
  assert.equal(bench.server.isCordoned('n1'), true);
});
