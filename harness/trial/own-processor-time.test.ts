import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookAtOwn, ownMsBetween, processMs, readGroup, type OwnLook } from './own-processor-time.ts';

test("a group's time is read as either version of control groups writes it, and its throttling where it has a quota", () => {
  const v1 = 'nr_periods 40\nnr_throttled 12\nthrottled_time 3500000000\nnr_bursts 0\n';
  assert.deepEqual(readGroup(v1, '2500000000\n'), { usedMs: 2_500, throttledMs: 3_500 });
  assert.deepEqual(readGroup('nr_periods 0\nnr_throttled 0\nthrottled_time 0\n', '1000000\n'), { usedMs: 1 });
  const v2 = 'usage_usec 2500000\nuser_usec 1\nsystem_usec 1\n';
  assert.deepEqual(readGroup(v2), { usedMs: 2_500 });
  const limited = `${v2}nr_periods 4\nnr_throttled 1\nthrottled_usec 50000\n`;
  assert.deepEqual(readGroup(limited), { usedMs: 2_500, throttledMs: 50 });
});

test("a process's time is read behind its command, which may hold anything", () => {
  const stat = '7 (a ) 1 b) S 1 7 7 0 -1 4194560 1 2 3 4 120 30 5 6 20 0 11 0 815 1 1';
  assert.equal(processMs(stat), 1_500);
  assert.equal(processMs(undefined), 0);
});

test('ours is what nodes and processes have had between two looks, also of one that has just begun', () => {
  const look = (nodes: Record<string, number>, processes: OwnLook['processes']): OwnLook => ({
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, usedMs]) => [name, { usedMs }])),
    processes,
  });
  const first = look({ 'node-1': 1_000, 'node-2': 500 }, { 7: 100, 8: 90 });
  const last = look({ 'node-1': 1_400, 'node-2': 550 }, { 7: 130, 9: 20 });
  assert.equal(ownMsBetween(first, last), 500);
  for (const nodes of [
    { 'node-1': 1_400 },
    { 'node-1': 1_400, 'node-3': 20 },
    { 'node-1': 1_400, 'node-2': 20 },
    { 'node-1': 1_400, 'node-2': 550, 'node-3': 20 },
  ])
    assert.equal(ownMsBetween(first, look(nodes, {})), undefined, Object.keys(nodes).join());
});

test('a group that cannot be read leaves all unknown, and a process that has ended has had nothing', () => {
  assert.equal(lookAtOwn({ nodeGroups: { 'node-1': '/no/such/group' }, processes: [] }, []), undefined);
  const look = lookAtOwn({ nodeGroups: {}, processes: [process.pid] }, [process.pid, 2 ** 30]);
  assert.deepEqual(Object.keys(look?.processes ?? {}), [String(process.pid), String(2 ** 30)]);
  assert.equal(look?.processes[2 ** 30], 0);
});
