import { FiredrillError } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import { nearestNames } from '../core/nearest.ts';
import { EXIT } from '../run/exit-code.ts';
import { listenForInterruption } from '../run/interruption.ts';
import { runProgram } from './run-program.ts';
import { refuseTakenByNpm } from './taken-by-npm.ts';
import type { Verb, VerbContext } from './verbs/verb.ts';

/** Each is loaded when it is asked for: who judges a journal needs neither clusters nor the memory that their clients take. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  up: async () => (await import('./verbs/up.ts')).up,
  down: async () => (await import('./verbs/down.ts')).down,
  status: async () => (await import('./verbs/status.ts')).status,
  kubeconfig: async () => (await import('./verbs/kubeconfig.ts')).kubeconfig,
  reap: async () => (await import('./verbs/reap.ts')).reap,
  adopt: async () => (await import('./verbs/adopt.ts')).adopt,
  approve: async () => (await import('./verbs/approve.ts')).approve,
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
  analyze: async () => (await import('./verbs/analyze.ts')).analyze,
  report: async () => (await import('./verbs/report.ts')).report,
  toolchain: async () => (await import('./verbs/toolchain.ts')).toolchain,
};
/** They read and write files of a run, and nothing else; `reap` tells itself of what it has cleared away. */
const NOT_CLEARING: ReadonlySet<string> = new Set(['analyze', 'report', 'reap']);

async function usage(): Promise<string> {
  const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
  return `firedrill VERB [options]

${verbs.map((verb) => `  ${verb.name.padEnd(12)}${verb.summary}`).join('\n')}

Each verb takes --help and --json; --version tells which firedrill this is. Scenarios are run with: ${COMMANDS.test} scenarios/NAME
`;
}

async function main(argv: readonly string[], context: VerbContext): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || ['--help', '-h', 'help'].includes(name)) {
    context.out(await usage());
    return name === undefined ? EXIT.badInput : EXIT.asExpected;
  }
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (load === undefined) {
    const near = nearestNames(name, Object.keys(VERBS));
    throw new FiredrillError('cli.unknown-verb', `firedrill has no verb ${JSON.stringify(name)}`, {
      hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'firedrill --help',
    });
  }
  const verb = await load();
  if (args.includes('--help') || args.includes('-h')) {
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

await runProgram(async () => {
  using interruption = listenForInterruption(() => {
    process.stderr.write(
      `still taking things down; what stays behind is cleared away by: ${COMMANDS.firedrill} reap\n`,
    );
  });
  return await main(process.argv.slice(2), {
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    signal: interruption.signal,
  });
});
