import { COMMANDS } from '../core/installation.ts';
import { shellWord } from '../core/shell-word.ts';
import { optionsOfEnvironment, type TestArguments } from './test-arguments.ts';

/** The options that choose among the titles of a file. */
const CHOOSES_TITLES = /^(-g|--grep|--grep-invert)(?:$|=)/;

/** The line that does a whole run again. */
export function lineAgain(args: TestArguments, seed: number): string {
  return `${COMMANDS.test} ${[...wordsOf(args, seed), ...whereOf(args)].join(' ')}`;
}

/** The words from which somebody else makes the same plan; the approval is what they are asked for. */
export function wordsToApprove(args: TestArguments, seed: number): string {
  return [...wordsOf(args, seed), ...whereOf(args, ['--approval'])].join(' ');
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

/** The options that choose a cluster, and what is known of it. */
function whereOf(args: TestArguments, without: readonly string[] = []): readonly string[] {
  const options = optionsOfEnvironment(args.environment).filter(([option]) => !without.includes(option));
  return [
    ...(args.provider === undefined ? [] : [`--provider ${args.provider}`]),
    ...options.map(([option, text]) => `${option} ${shellWord(text)}`),
    ...(args.cluster === undefined ? [] : [`--cluster ${args.cluster}`]),
  ];
}
