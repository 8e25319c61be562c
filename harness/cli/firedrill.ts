import { describeError, FiredrillError } from '../core/errors.ts';
import { COMMANDS } from '../core/installation.ts';
import { clearDeadServers } from '../run/clear-dead-servers.ts';
import { EXIT } from '../run/exit-code.ts';
import { Interrupted, listenForInterruption } from '../run/interruption.ts';
import { nearestNames } from '../run/nearest.ts';
import { adopt } from './verbs/adopt.ts';
import { approve } from './verbs/approve.ts';
import { analyze } from './verbs/analyze.ts';
import { doctor } from './verbs/doctor.ts';
import { down } from './verbs/down.ts';
import { kubeconfig } from './verbs/kubeconfig.ts';
import { reap } from './verbs/reap.ts';
import { status } from './verbs/status.ts';
import { toolchain } from './verbs/toolchain.ts';
import { up } from './verbs/up.ts';
import type { Verb, VerbContext } from './verbs/verb.ts';

const VERBS: readonly Verb[] = [
  up,
  down,
  status,
  kubeconfig,
  reap,
  adopt,
  approve,
  doctor,
  analyze,
  toolchain,
];

const USAGE = `firedrill VERB [options]

${VERBS.map((verb) => `  ${verb.name.padEnd(12)}${verb.summary}`).join('\n')}

Each verb takes --help and --json. Scenarios are run with: ${COMMANDS.test} scenarios/NAME
`;

async function main(argv: readonly string[], context: VerbContext): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    context.out(USAGE);
    return name === undefined ? EXIT.badInput : EXIT.asExpected;
  }
  const verb = VERBS.find((one) => one.name === name);
  if (verb === undefined) {
    const near = nearestNames(
      name,
      VERBS.map((one) => one.name),
    );
    throw new FiredrillError('cli.unknown-verb', `firedrill has no verb ${JSON.stringify(name)}`, {
      userError: true,
      hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : 'firedrill --help',
    });
  }
  if (verb.help !== '' && args.includes('--help')) {
    context.out(verb.help);
    return EXIT.asExpected;
  }
  // It tells of them itself.
  if (verb !== reap) await clearDeadServers(context.err);
  return verb.run(args, context);
}

let exitCode: number;
try {
  using interruption = listenForInterruption(() => {
    process.stderr.write('still taking things down; what stays behind is cleared away by: firedrill reap\n');
  });
  exitCode = await main(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    signal: interruption.signal,
  });
} catch (error) {
  process.stderr.write(`firedrill: ${describeError(error)}\n`);
  if (error instanceof Interrupted) exitCode = error.exitCode;
  else exitCode = error instanceof FiredrillError && error.userError ? EXIT.badInput : EXIT.ownFault;
}
process.exit(exitCode);
