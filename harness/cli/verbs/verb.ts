import { parseArgs, type ParseArgsConfig } from 'node:util';
import { FiredrillError, messageOf } from '../../core/errors.ts';
import { givenTwice } from '../../core/given.ts';
import { tameJson, tameLines } from '../../core/plain-text.ts';

/** Where a verb writes, and what ends it. */
export interface VerbContext {
  /** The environment that its settings are read from. */
  readonly env: NodeJS.ProcessEnv;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One verb of `firedrill`. */
export interface Verb {
  readonly name: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** @returns the exit code */
  run(args: readonly string[], context: VerbContext): Promise<number>;
}

/** The first of two options counts for nothing beside the other, or without it. */
type Bond = readonly [option: string, bond: 'beside' | 'without', other: string];

/**
 * Options of one verb from its arguments. What would be read and count for nothing is refused: an option that is given twice, and what its bonds say.
 * @throws FiredrillError `cli.bad-arguments`
 */
export function optionsOf<const T extends NonNullable<ParseArgsConfig['options']>>(
  verb: string,
  args: readonly string[],
  options: T,
  { positionals = false, bonds = [] }: { positionals?: boolean; bonds?: readonly Bond[] } = {},
) {
  try {
    const parsed = parseArgs({
      ...{ args: [...args], options, strict: true, allowPositionals: positionals, tokens: true },
    });
    const told = parsed.tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
    const names = told.map(({ name }) => name);
    const twice = told.find(({ name, value }, at) => value !== undefined && names.indexOf(name) !== at);
    if (twice !== undefined) throw new Error(givenTwice(twice.rawName));
    for (const [option, bond, other] of bonds)
      if (names.includes(option) && names.includes(other) === (bond === 'beside'))
        throw new Error(`--${option} says nothing ${bond} --${other}`);
    return parsed;
  } catch (cause) {
    throw new FiredrillError('cli.bad-arguments', `firedrill ${verb}: ${messageOf(cause)}`, {
      hint: `firedrill ${verb} --help`,
    });
  }
}

/**
 * A whole number from the command line.
 * @throws FiredrillError `cli.bad-number`
 */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new FiredrillError(
    'cli.bad-number',
    `${option} ${text}: a whole number from ${least} to ${most} is wanted`,
  );
}

/** JSON for programs, lines for people; in neither does a terminal find a code that came from elsewhere. */
export function print(context: VerbContext, asJson: boolean, value: unknown, lines: readonly string[]): void {
  context.out(
    asJson
      ? `${tameJson(JSON.stringify(value, null, 2))}\n`
      : lines.map((line) => `${tameLines(line)}\n`).join(''),
  );
}
