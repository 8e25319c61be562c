import { providerNamed, providersOf } from '../../infra/provider.ts';
import { EXIT } from '../run/exit-code.ts';
import { listenForInterruption } from '../run/interruption.ts';
import { requireLastRun, withLastRun } from '../run/last-run.ts';
import { listScenarios } from '../run/list-scenarios.ts';
import { requireChangesSeen } from '../run/only-changed.ts';
import { projectIn } from '../run/project.ts';
import { runScenarios } from '../run/run-scenarios.ts';
import { runProgram } from './run-program.ts';
import { refuseTakenByNpm } from './taken-by-npm.ts';
import {
  environmentOf,
  parseTestArguments,
  requireRead,
  TEST_OPTIONS,
  TEST_USAGE,
} from '../run/test-arguments.ts';

/** `npm test`: one run of scenarios. */
async function main(argv: readonly string[]): Promise<number> {
  refuseTakenByNpm(TEST_OPTIONS, process.env);
  const args = parseTestArguments(argv);
  if (args.help) {
    process.stdout.write(TEST_USAGE);
    return EXIT.asExpected;
  }
  const workingDirectory = process.cwd();
  const env = withLastRun(environmentOf(args, process.env), workingDirectory);
  if (args.provider !== undefined)
    requireRead(args.environment, providerNamed(args.provider, providersOf(env)));
  requireLastRun(args, env);
  const project = projectIn(workingDirectory, env);
  requireChangesSeen(args, project);
  if (args.list) {
    using interruption = listenForInterruption(() => {});
    const titles = await listScenarios(args, project, env, interruption.signal);
    process.stdout.write(titles.map((title) => `${title}\n`).join('') || 'no scenario is chosen\n');
    return EXIT.asExpected;
  }
  return runScenarios(args, { project, workingDirectory, env });
}

await runProgram(() => main(process.argv.slice(2)));
