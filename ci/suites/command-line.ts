import { join } from 'node:path';
import { exitCodeOfOutput } from '../../harness/cli/run-program.ts';
import { refuseTakenByNpm } from '../../harness/cli/taken-by-npm.ts';
import { describeError, FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { takeRunLock } from '../../harness/run/run-directory.ts';
import { Interrupted, listenForInterruption } from '../../harness/run/interruption.ts';

/** The exit codes of `check`, `check:long` and `bench`, and what they mean. */
const EXIT_CODES = {
  done: [0, 'all is done, and nothing has failed'],
  failed: [1, 'something has failed'],
  left: [2, 'something is left, and nothing has failed'],
  badInput: [64, 'bad input'],
} as const;

/** Every help ends with it. */
const EXIT_CODES_IN_WORDS = `
exit codes: ${Object.values(EXIT_CODES)
  .map(([code, meaning]) => `${code} ${meaning}`)
  .join(' · ')} · 130/143 interrupted
`;

/**
 * What is read from this process's command line. `--help` ends it with the usage; where reading throws, or Node is told to
 * leave tests out, it ends with the code of bad input.
 */
export function readOrTell<Read>(usage: string, read: () => Read): Read {
  const help = usage + EXIT_CODES_IN_WORDS;
  if (['--help', '-h'].some((option) => process.argv.includes(option))) {
    process.stdout.write(help);
    process.exit(exitCodeOfOutput(process.stdout));
  }
  try {
    refuseTakenByNpm([...usage.matchAll(/--[a-z-]+/g)].map(String), process.env);
    const { NODE_OPTIONS = '' } = process.env;
    if (/--(experimental-)?test/.test(NODE_OPTIONS))
      throw new Error(`NODE_OPTIONS chooses among the tests, unset it: ${NODE_OPTIONS}`);
    return read();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${help}`);
    process.exit(EXIT_CODES.badInput[0]);
  }
}

/** @throws Error where one of the names is none of those that there are */
export function requireKnown(what: string, names: readonly string[], all: readonly string[]): void {
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`unknown ${what} ${unknown.join(', ')}`);
}

/**
 * Keeps two commands that measure from running at once.
 *
 * @throws FiredrillError `run.another-is-running` with who does
 */
export function takeMeasuringLock(root: string): Disposable {
  return takeRunLock(join(root, '.firedrill', 'measuring.lock'));
}

/** Aborts when a user interrupts; a second time ends the process at once. */
export function untilInterrupted(): { readonly signal: AbortSignal } & Disposable {
  return listenForInterruption((signal) => process.exit(new Interrupted(signal).exitCode));
}

/** The exit code of what has ended, or was interrupted. */
export function exitCodeOf(failed: number, left: number, { aborted, reason }: AbortSignal): number {
  if (aborted) return (reason as Interrupted).exitCode;
  if (failed > 0) return EXIT_CODES.failed[0];
  return left > 0 ? EXIT_CODES.left[0] : EXIT_CODES.done[0];
}

/** Tells an error that has ended everything, and what exit code it means. */
export function exitCodeOfError(error: unknown): number {
  process.stderr.write(`${describeError(error)}\n`);
  const isBadInput = error instanceof FiredrillError && error.userError;
  return EXIT_CODES[isBadInput ? 'badInput' : 'failed'][0];
}
