import { FiredrillError } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import { nearestNames } from '../core/nearest.ts';
import { EXIT } from '../run/exit-code.ts';
import { refuseTakenByNpm } from './taken-by-npm.ts';
import { VERBS } from './verbs/catalogue.ts';
import type { VerbContext } from './verbs/verb.ts';

/** They read and write files of a run, and nothing else; `reap` tells itself of what it has cleared away. */
const NOT_CLEARING: ReadonlySet<string> = new Set(['analyze', 'report', 'reap']);

async function usage(): Promise<string> {
  const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
  return `firedrill VERB [options]

${verbs.map((verb) => `  ${verb.name.padEnd(12)}${verb.summary}`).join('\n')}

Each verb takes --help, -h and --json; --version tells which firedrill this is. Scenarios are run with: ${COMMANDS.test} scenarios/NAME
`;
}

const isHelp = (argument: string): boolean => argument === '--help' || argument === '-h';

/**
 * Does what `firedrill` is told by its arguments.
 *
 * @returns its exit code
 * @throws FiredrillError `cli.unknown-verb`, `arguments.malformed`, and those of the verb
 */
export async function callVerb(argv: readonly string[], context: VerbContext): Promise<number> {
  const [name, ...args] = argv[0] === 'help' && argv[1] !== undefined ? [argv[1], '--help'] : argv;
  if (name === undefined || name === 'help' || isHelp(name)) {
    context.out(await usage());
    return name === undefined ? EXIT.badInput : EXIT.asExpected;
  }
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (load === undefined) {
    const near = name.startsWith('-') ? [] : nearestNames(name, Object.keys(VERBS));
    throw new FiredrillError(
      'cli.unknown-verb',
      `firedrill has no ${name.startsWith('-') ? 'option' : 'verb'} ${JSON.stringify(name)}`,
      {
        hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'firedrill --help',
      },
    );
  }
  const verb = await load();
  if (args.some(isHelp)) {
    context.out(verb.help);
    return EXIT.asExpected;
  }
  refuseTakenByNpm(
    [...verb.help.matchAll(/--[a-z-]+/g)].map(([option]) => option),
    context.env,
  );
  if (!NOT_CLEARING.has(name))
    await (await import('../run/clear-dead-servers.ts')).clearDeadServers(context.env, context.err);
  return verb.run(args, context);
}
