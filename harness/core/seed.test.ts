import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createRng, trialSeed } from './seed.ts';

describe('the seed of a trial', () => {
  it('is the same for the same run seed, scenario and repeat, on every machine', () => {
    assert.equal(trialSeed(7141, 'node-loss', 0), trialSeed(7141, 'node-loss', 0));
    assert.equal(trialSeed(7141, 'node-loss', 0), 531955086);
  });

  it('differs when any of the three differs', () => {
    const seeds = new Set<number>();
    for (const run of [1, 2])
      for (const name of ['a', 'b']) for (const repeat of [0, 1]) seeds.add(trialSeed(run, name, repeat));
    assert.equal(seeds.size, 8);
  });
});

describe('a seeded stream', () => {
  it('repeats itself and stays in [0, 1)', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const one = createRng(seed);
        const two = createRng(seed);
        for (let draw = 0; draw < 20; draw++) {
          const value = one.next();
          assert.equal(value, two.next());
          assert.ok(value >= 0 && value < 1);
        }
      }),
    );
  });

  it('is spread evenly', () => {
    const rng = createRng(1);
    const counts = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) {
      const cell = rng.below(10);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    assert.ok(chiSquare < 27.9, `chi-square with 9 degrees of freedom: ${chiSquare}`);
  });

  it('shuffles without losing anything and leaves its input alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const before = [...items];
        const shuffled = createRng(seed).shuffle(items);
        assert.deepEqual(items, before);
        assert.deepEqual(
          [...shuffled].sort((a, b) => a - b),
          before.sort((a, b) => a - b),
        );
      }),
    );
  });

  it('refuses to pick from nothing', () => {
    assert.throws(() => createRng(1).pick([]), RangeError);
  });
});
