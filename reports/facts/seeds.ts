import type { Verdict } from '../../harness/core/verdict.ts';

/** The seeds of a trial, each under a name that says what it is for: `--seed` takes that of the run. */
export function seedsOf({ runSeed, seed }: Verdict): readonly (readonly [name: string, value: string])[] {
  const own = ['seed of the trial, made of that of the run', String(seed)] as const;
  return runSeed === undefined ? [own] : [['seed of the run, for --seed', String(runSeed)], own];
}
