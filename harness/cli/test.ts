import { EXIT } from '../run/exit-code.ts';
import { listenForInterruption } from '../run/interruption.ts';
import { listScenarios } from '../run/list-scenarios.ts';
import { runScenarios } from '../run/run-scenarios.ts';
import { TEST_USAGE } from '../run/test-arguments.ts';
import { runProgram } from './run-program.ts';
import { readTestCommand } from './test-command.ts';
import { goToUser } from './users-folder.ts';

/** `npm test`: one run of scenarios. */
async function main(argv: readonly string[]): Promise<number> {
  const workingDirectory = goToUser(process.env);
  const { args, env, project } = readTestCommand(argv, process.env, workingDirectory);
  if (args.help) {
    process.stdout.write(TEST_USAGE);
    return EXIT.asExpected;
  }
  if (args.list) {
    using interruption = listenForInterruption(() => {});
    const { titles } = await listScenarios(args, project, env, interruption.signal);
    process.stdout.write(titles.map((title) => `${title}\n`).join('') || 'no scenario is chosen\n');
    return EXIT.asExpected;
  }
  return runScenarios(args, { project, workingDirectory, env });
}

await runProgram(() => main(process.argv.slice(2)));
