import { COMMANDS } from '../core/installation.ts';
import { shellWord } from '../core/shell-word.ts';
import { optionsOfEnvironment, type TestArguments } from './test-arguments.ts';

/** The options that choose among the titles of a file. */
const CHOOSES_TITLES = /^(-g|--grep|--grep-invert)(?:$|=)/;

/** The line that does a whole run again. */
export function lineAgain(args: TestArguments, seed: number): string {
  return `${COMMANDS.test} ${wordsToApprove(args, seed)}`;
}

/** The words from which somebody else makes the same plan. */
export function wordsToApprove(args: TestArguments, seed: number): string {
  return [...wordsOf(args, seed), ...whereOf(args)].join(' ');
}

/** The options that a trial of this run needs besides its scenario and seed: among which titles, and where. */
export function wordsOfTrial(args: TestArguments): string {
  const titles = args.passedOn.filter(
    (word, index, all) =>
      CHOOSES_TITLES.test(word) || /^(-g|--grep|--grep-invert)$/.test(all[index - 1] ?? ''),
  );
  return [...titles.map(shellWord), ...whereOf(args)].join(' ');
}

function wordsOf(args: TestArguments, seed: number): readonly string[] {
  const words = [...args.filters, ...args.passedOn].map(shellWord);
  return [...words, `--seed ${seed}`, ...(args.control ? ['--control'] : [])];
}

/** The options that choose a cluster, and what is known of it; an approval was for the run that has used it. */
function whereOf(args: TestArguments): readonly string[] {
  const options = optionsOfEnvironment(args.environment).filter(([option]) => option !== '--approval');
  return [
    ...(args.provider === undefined ? [] : [`--provider ${args.provider}`]),
    ...options.map(([option, text]) => `${option} ${shellWord(text)}`),
    ...(args.cluster === undefined ? [] : [`--cluster ${args.cluster}`]),
  ];
}
