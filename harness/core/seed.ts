import { createHash } from 'node:crypto';

/** A stream of random numbers that is fixed by its seed. */
export interface Rng {
  /** The next number in [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
}

/** The seed of a trial: a function of the run's seed, the scenario and the repeat index, and nothing else. */
export function trialSeed(runSeed: number, scenario: string, repeatIndex: number): number {
  return deriveSeed(runSeed, `${scenario}#${repeatIndex}`);
}

/** A seed for one purpose within a larger one, so that drawing more for one purpose never changes another. */
function deriveSeed(seed: number, purpose: string): number {
  return createHash('sha256').update(`${seed}/${purpose}`).digest().readUInt32BE(0);
}

/** SplitMix32: one addition and a finalizer per draw; every 32-bit seed gives a full-period stream. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('cannot pick from an empty list');
      return item;
    },
    shuffle: (items) => {
      const left = [...items];
      const drawn: typeof left = [];
      while (left.length > 0) for (const item of left.splice(below(left.length), 1)) drawn.push(item);
      return drawn;
    },
  };
}
