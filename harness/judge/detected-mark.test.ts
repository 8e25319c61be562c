import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from './judge.ts';
import {
  at,
  EFFECTIVE_MS,
  REQUESTED_MS,
  synthesise,
  WALL_AHEAD_MS,
  withEntries,
  type Timed,
} from './testing/synthetic-trial.ts';

function firing(atMs: number, name: string, startsAtMs: number): Timed {
  const startsAtWallMs = startsAtMs + WALL_AHEAD_MS;
  return at(atMs, {
    kind: 'alert',
    source: 'receiver',
    name,
    state: 'firing',
    labels: { alertname: name },
    startsAtWallMs,
  });
}

test('an alert that fires since before the fault has not detected it, whenever it is sent again', () => {
  const again = firing(EFFECTIVE_MS + 500, 'Watchdog', REQUESTED_MS - 50_000);
  const detected = (extra: readonly Timed[]): string | undefined =>
    judge(withEntries(synthesise(), extra)).marks.find(({ name }) => name === 'detected')?.detail;
  assert.equal(detected([again]), undefined);
  assert.equal(detected([again, firing(EFFECTIVE_MS + 900, 'NodeSilent', EFFECTIVE_MS + 300)]), 'NodeSilent');
});

test('what the healer says of the machine of the fault is its mark, whatever it said of another before', () => {
  const told = (event: 'detected' | 'decided' | 'acted', sinceMs: number, node: string): Timed => {
    const healerMonoMs = EFFECTIVE_MS + sinceMs;
    const stamps = { healerMonoMs, healerWallMs: healerMonoMs + WALL_AHEAD_MS };
    return at(healerMonoMs + 50, {
      kind: 'healer',
      event,
      subject: `node/${node}`,
      detail: node,
      pod: 'h',
      ...stamps,
    });
  };
  const marks = (...extra: readonly Timed[]) =>
    judge(withEntries(synthesise(), extra))
      .marks.filter(({ seenBy }) => seenBy === 'healer')
      .map(({ name, monoMs, detail }) => [name, monoMs - EFFECTIVE_MS, detail]);
  const kinds = ['detected', 'decided', 'acted'] as const;
  const other = kinds.map((kind, at) => told(kind, 100 + at, 'node-3'));
  const ours = kinds.map((kind, at) => told(kind, 1_000 + at, 'node-2'));
  const again = kinds.map((kind, at) => told(kind, 2_000 + at, 'node-2'));
  assert.deepEqual(marks(...other, ...ours, ...again), [
    ['detected', 1_000, 'node-2'],
    ['decided', 1_001, 'node-2'],
    ['acted', 1_002, 'node-2'],
  ]);
  assert.deepEqual(marks(...other), [
    ['detected', 100, 'node-3'],
    ['decided', 101, 'node-3'],
    ['acted', 102, 'node-3'],
  ]);
});
