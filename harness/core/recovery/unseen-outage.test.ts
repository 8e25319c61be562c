import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unseenPeriods } from './unseen-outage.ts';

/** Periods after which 3 % are left of outages in which this share of requests fails. */
const known = (share: number): number => Math.log(0.03) / Math.log(1 - share);

test('a total outage of more than a few requests was over by the next request', () => {
  for (const count of [100, 1_000])
    assert.equal(unseenPeriods({ asked: count, failed: count, before: 0 }, 0.01), 1);
});

test('of a long outage the share is known, and so is for how long no request may have been hit by chance', () => {
  for (const share of [1 / 2, 1 / 3, 1 / 6, 1 / 10]) {
    const periods = unseenPeriods({ asked: 30_000, failed: 30_000 * share, before: 0 }, 0.01);
    assert.ok(Math.abs(periods / known(share) - 1) < 0.15, `${periods} instead of ${known(share)}`);
  }
});

test('of a short outage less is known, and of one that began late a smaller share fails', () => {
  const periods = (asked: number, failed: number, before = 0, allowed = 0.01) =>
    unseenPeriods({ asked, failed, before }, allowed);
  assert.ok(periods(9, 3) > periods(90, 30));
  assert.ok(periods(90, 30) > periods(900, 300));
  assert.ok(periods(9, 3, 6) > periods(9, 3));
  assert.ok(periods(90, 15) > periods(90, 30));
});

test('no share is tried that the bound allows, nor one that is too small to be calibrated', () => {
  const periods = (allowed: number) => unseenPeriods({ asked: 9, failed: 3, before: 0 }, allowed);
  assert.equal(periods(0), periods(1 / 40));
  assert.ok(periods(0.2) < periods(0.1));
  assert.ok(periods(0.5) <= known(0.5));
  assert.equal(periods(0.95), periods(0.9));
  const hardly = unseenPeriods({ asked: 30_000, failed: 30, before: 0 }, 0);
  assert.ok(Math.abs(hardly / known(1 / 40) - 1) < 0.05, String(hardly));
});
