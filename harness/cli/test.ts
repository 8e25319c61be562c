import { EXIT } from '../run/exit-code.ts';
import { listenForInterruption } from '../run/interruption.ts';
import { listScenarios } from '../run/list-scenarios.ts';
import { projectIn } from '../run/project.ts';
import { runScenarios } from '../run/run-scenarios.ts';
import { runProgram } from './run-program.ts';
import { environmentOf, parseTestArguments, TEST_USAGE } from '../run/test-arguments.ts';

/** `npm test`: one run of scenarios. */
async function main(argv: readonly string[]): Promise<number> {
  const args = parseTestArguments(argv);
  if (args.help) {
    process.stdout.write(TEST_USAGE);
    return EXIT.asExpected;
  }
  const env = environmentOf(args, process.env);
  const workingDirectory = process.cwd();
  const project = projectIn(workingDirectory, env);
  if (args.list) {
    using interruption = listenForInterruption(() => {});
    const titles = await listScenarios(args, project, env, interruption.signal);
    process.stdout.write(`${titles.join('\n')}\n`);
    return EXIT.asExpected;
  }
  return runScenarios(args, { project, workingDirectory, env });
}

await runProgram(() => main(process.argv.slice(2)));
