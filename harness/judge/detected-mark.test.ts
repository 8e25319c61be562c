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
