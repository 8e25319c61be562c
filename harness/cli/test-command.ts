import { providerNamed, providersOf } from '../../infra/provider.ts';
import { requireLastRun, withLastRun } from '../run/last-run.ts';
import { requireChangesSeen } from '../run/only-changed.ts';
import { projectIn, type Project } from '../run/project.ts';
import {
  environmentOf,
  parseTestArguments,
  requireRead,
  TEST_OPTIONS,
  type TestArguments,
} from '../run/test-arguments.ts';
import { requireToldPlaces } from '../run/told-places.ts';
import { refuseTakenByNpm } from './taken-by-npm.ts';

/** What `npm test` was told to do. */
interface TestCommand {
  readonly args: TestArguments;
  /** That of the run. */
  readonly env: NodeJS.ProcessEnv;
  readonly project: Project;
}

/**
 * Reads what `npm test` was told, and refuses what would count for nothing, before anything is made.
 * @throws FiredrillError `arguments.malformed`, or that of a provider that does not exist
 */
export function readTestCommand(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  workingDirectory: string,
): TestCommand {
  refuseTakenByNpm(TEST_OPTIONS, environment);
  const args = parseTestArguments(argv);
  const env = withLastRun(environmentOf(args, environment), workingDirectory);
  const project = projectIn(workingDirectory, env);
  if (args.help) return { args, env, project };
  const provider = args.provider && providerNamed(args.provider, providersOf(env));
  if (provider) requireRead(args.environment, provider);
  requireToldPlaces(args, env, provider || {});
  requireLastRun(args, env);
  requireChangesSeen(args, project);
  return { args, env, project };
}
