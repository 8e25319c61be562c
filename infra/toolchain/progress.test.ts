import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUNDLES } from './components.ts';
import type { GoBuild } from './component.ts';
import { activityOf, estimateRemainingMs, timeShare } from './progress.ts';

test('the time left is never negative or unknown, and nothing is left at the end', () => {
  const figure = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(figure, figure, fc.double({ min: 0, max: 1, noNaN: true }), (expected, elapsed, fraction) => {
      const left = estimateRemainingMs(expected, elapsed, fraction);
      assert.ok(Number.isFinite(left) && left >= 0);
      assert.equal(estimateRemainingMs(expected, elapsed, 1), 0);
    }),
  );
});

test('before anything is done the table rules, near the end the speed that was seen', () => {
  assert.equal(estimateRemainingMs(60_000, 0, 0), 60_000);
  assert.equal(estimateRemainingMs(60_000, 900_000, 0.9), 90_600);
});

/** Seconds and packages of a build of Prometheus on a slow machine; it took 103 s. */
const SEEN = [
  [11, 225],
  [21, 320],
  [31, 428],
  [42, 477],
  [56, 483],
  [69, 487],
  [84, 489],
  [95, 491],
] as const;
const SEEN_SECONDS = 103;

test('packages that come last and take longest do not make the time left of Prometheus look short', () => {
  const build: GoBuild = BUNDLES.find(({ name }) => name === 'prometheus')!.build;
  const onIdleCores = build.estimateMs / 1000 / SEEN_SECONDS;
  for (const [seconds, packages] of SEEN) {
    const leftOf = (pace: number): { said: number; true: number } => ({
      said: estimateRemainingMs(build.estimateMs, seconds * pace * 1000, timeShare(build, packages)) / 1000,
      true: (SEEN_SECONDS - seconds) * pace,
    });
    const idle = leftOf(onIdleCores);
    assert.ok(Math.abs(idle.said - idle.true) <= 20, `${packages} packages: ${JSON.stringify(idle)}`);
    // A machine that is slower than the table shows in the second half.
    const busy = leftOf(1);
    if (seconds > SEEN_SECONDS / 2)
      assert.ok(busy.said >= 0.6 * busy.true, `${packages} packages: ${JSON.stringify(busy)}`);
  }
});

test('the share of the time rises with the packages in every row of the table, and ends below 1', () => {
  for (const { name, build } of BUNDLES) {
    const shares = Array.from({ length: build.packageCount + 20 }, (_, count) => timeShare(build, count));
    assert.ok(shares[0] === 0 && shares.at(-1) === 0.99, name);
    assert.ok(
      shares.every((share, count) => share >= (shares[count - 1] ?? 0) && share <= 0.99),
      name,
    );
  }
});

test('a person reads what is made, how far it is and roughly how long it may take yet', () => {
  const progress = { bundle: 'etcd', tools: ['etcd'], phase: 'building', elapsedMs: 1000 } as const;
  const message = '12 packages compiled';
  assert.equal(activityOf({ ...progress, message }), 'etcd: 12 packages compiled');
  assert.match(activityOf({ ...progress, message, remainingMs: 200_000 }), /, about 3 min left$/);
  assert.match(activityOf({ ...progress, message, remainingMs: 31_000 }), /, about 40 s left$/);
  assert.match(activityOf({ ...progress, message, remainingMs: 0 }), /, about 10 s left$/);
});
