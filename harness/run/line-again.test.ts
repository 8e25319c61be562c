import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineAgain, wordsOfTrial, wordsToApprove } from './line-again.ts';
import { parseTestArguments } from './test-arguments.ts';

const args = parseTestArguments([
  ...['scenarios/node-loss', '-g', 'loss of a node', '--grep-invert=slow', '--repeat-each', '2', '--control'],
  ...['--provider', 'existing', '--context', "o'brien", '--approval', 'old'],
]);
const where = `--provider existing --context 'o'\\''brien'`;

test('the line that does a run again says all that was chosen, with the seed', () => {
  const chosen = "-g 'loss of a node' --grep-invert=slow --repeat-each 2 --seed 7 --control";
  assert.equal(lineAgain(args, 7), `npm test -- scenarios/node-loss ${chosen} ${where}`);
});

test('an approval that a run has used is not told again: neither to who approves the next, nor in the line that does it', () => {
  assert.match(wordsToApprove(args, 7), /--seed 7 --control --provider existing --context \S+$/);
});

test('of a run in which titles were chosen no more than those run again for one of its trials', () => {
  assert.equal(wordsOfTrial(args), `-g 'loss of a node' --grep-invert=slow ${where}`);
  assert.equal(wordsOfTrial(parseTestArguments(['scenarios/node-loss', '--cluster=a'])), '--cluster a');
  assert.equal(wordsOfTrial(parseTestArguments([])), '');
});
