import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { calibrate, SHARES } from './testing/partial-outages.ts';

const SEED = 1_000;
const COUNT = 10_000;

describe(`of ${COUNT} simulated outages (seed ${SEED}) the printed bracket`, () => {
  for (const [name, share] of Object.entries(SHARES)) {
    it(`holds the truth in 95 % and is no wider than it must be when ${name} of the requests fail`, (t) => {
      const { holds, overIdeal } = calibrate({ share, count: COUNT, seed: SEED });
      t.diagnostic(`it held the truth in ${holds}, and was ${overIdeal} times as wide as it must be`);
      assert.ok(holds >= 0.95 && overIdeal <= 1.5);
    });
  }
});
