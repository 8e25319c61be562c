import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadOf } from '../facts/distribution.ts';
import { stockFor } from '../facts/stock.ts';
import { sampleRecord } from '../testing/sample-run.ts';
import { measuredAs } from '../testing/sample-verdict.ts';
import { assertNoTextsMeet } from '../testing/text-boxes.ts';
import { waterfallPart } from './index.ts';
import { drawStrips } from './strip.ts';

const SHAPES = ['wide', 'narrow'] as const;

for (const shape of SHAPES) {
  test(`${shape}: the waterfall is well-formed and no texts meet`, () => {
    for (const trial of ['held', 'violated', 'censored', 'no-impact'] as const) {
      const drawn = waterfallPart(sampleRecord({ shape: trial }), { shape, idPrefix: 'a-' });
      assertNoTextsMeet(drawn!.source);
    }
  });

  test(`${shape}: the dots of many trials are well-formed and no texts meet`, () => {
    const durations = Array.from({ length: 80 }, (_, index) =>
      index % 9 === 0 ? ({ kind: 'censored', atLeastMs: 60_000 } as const) : measuredAs(3000 + index * 17),
    );
    const spread = spreadOf(durations);
    const drawn = drawStrips(
      [
        { name: 'Users restored', spread },
        { name: 'Capacity', spread },
      ],
      10_000,
      { shape, idPrefix: 'a-' },
    );
    assertNoTextsMeet(drawn!.source);
    assert.equal(drawn!.source.match(/<circle/g)?.length, 2 * spread.valuesMs.length);
  });
}

test('nothing measured, nothing drawn', () => {
  assert.equal(
    waterfallPart(sampleRecord({ shape: 'inconclusive' }), { shape: 'wide', idPrefix: 'a-' }),
    undefined,
  );
});

test('a recovery that never came is an open bar, and has no length', () => {
  const { source } = waterfallPart(sampleRecord({ shape: 'censored' }), { shape: 'wide', idPrefix: 'a-' })!;
  assert.match(source, /not within 120 s/);
  assert.doesNotMatch(source, /users restored: 120/);
});

test('the stock figures are those that were given, labelled as measured separately', () => {
  const figures = stockFor(sampleRecord({ shape: 'held' }).entries);
  assert.deepEqual(figures, {
    label: 'stock Kubernetes, measured separately',
    restoredMs: 54_000,
    capacityMs: [354_000, 355_000],
  });
});
