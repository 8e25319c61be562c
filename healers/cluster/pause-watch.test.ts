import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingKube } from '../testing/recording-kube.ts';
import { SimClock } from '../testing/simulation/sim-clock.ts';
import { pauseWatch } from './pause-watch.ts';

test('where the switch cannot be watched nothing may be done, since nobody knows whether healing is paused', async () => {
  const clock = new SimClock();
  // It answers lists, and refuses every watch.
  const { kube } = recordingKube('firedrill-system', clock);
  const stop = new AbortController();
  const pauses = pauseWatch(kube, 'firedrill-system', () => undefined);
  const running = pauses.run(stop.signal);
  await clock.runUntil(4000);
  assert.equal(pauses.problem(), undefined);
  await clock.runUntil(6000);
  assert.match(pauses.problem() ?? '', /^it cannot be seen whether healing is paused: .*no watch here/);
  stop.abort();
  await clock.runUntil(9000);
  await running;
});
