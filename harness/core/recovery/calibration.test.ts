import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { calibrate, SHARES, type Calibration } from './testing/partial-outages.ts';

const SEED = 19;
const COUNT = 1_000;

describe(`of ${COUNT} simulated outages of each share (seed ${SEED}) the printed bracket`, () => {
  const found = Object.entries(SHARES).map(
    ([name, share]) => [name, calibrate({ share, count: COUNT, seed: SEED })] as const,
  );

  for (const [name, { holds, overIdeal }] of found) {
    it(`holds the truth in 95 % and is no wider than it must be when ${name} of the requests fail`, () => {
      assert.ok(holds >= 0.95, `it held the truth in ${holds}`);
      assert.ok(overIdeal <= 1.5, `it was ${overIdeal} times as wide as it must be`);
    });
  }

  it('is as wide, and holds as often, as the table of ARCHITECTURE.md says', (t) => {
    const table = found.map(([name, calibration]) => row(name, calibration)).join('\n');
    t.diagnostic(`seed ${SEED}\n${table}`);
    const text = readFileSync(join(import.meta.dirname, '../../../ARCHITECTURE.md'), 'utf8');
    const rows = text.split('\n').filter((line) => /^\| (all|1\/|2\/)/.test(line));
    assert.deepEqual(rows.map(cells), table.split('\n').map(cells));
    assert.ok(text.includes(`seed ${SEED}`));
  });
});

describe(`of simulated outages that are judged by a tolerant bound (seed ${SEED}) the bracket`, () => {
  for (const name of ['2/3', '1/2', '1/3'] as const) {
    it(`holds the truth in 95 % when ${name} of the requests fail and a tenth may`, () => {
      const { holds } = calibrate({ share: SHARES[name], count: 600, seed: SEED, minGoodShare: 0.9 });
      assert.ok(holds >= 0.95, `it held the truth in ${holds}`);
    });
  }
});

function row(name: string, { holds, widthMs, overIdeal, unseen }: Calibration): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const columns = [
    name,
    percent(holds),
    `${(widthMs / 1_000).toFixed(2)} s`,
    overIdeal.toFixed(2),
    percent(unseen),
  ];
  return `| ${columns.join(' | ')} |`;
}

function cells(line: string): string[] {
  return line.split('|').map((cell) => cell.trim());
}
