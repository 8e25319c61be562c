import { describe, it } from 'node:test';
import { expectAgreement, expectMonotone, expectTimid } from './testing/random-trial.ts';

const FIRST_SEED = 1_000;
const TRIALS = 10_000;

describe(`of ${TRIALS} random trials, seeds ${FIRST_SEED} to ${FIRST_SEED + TRIALS - 1}`, () => {
  it('what a matcher throws is what analyze says', () => {
    for (let index = 0; index < TRIALS; index++) expectAgreement(FIRST_SEED + index);
  });

  it('a longer limit never turns held into violated', () => {
    for (let index = 0; index < TRIALS; index++) expectMonotone(FIRST_SEED + index);
  });

  it('a gap of samples never makes an outcome bolder', () => {
    for (let index = 0; index < TRIALS; index++) expectTimid(FIRST_SEED + index);
  });
});
