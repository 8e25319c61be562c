import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { FiredrillError } from '../core/errors.ts';
import { COMMANDS, sourceFile } from '../core/installation.ts';
import { tameLines } from '../core/plain-text.ts';
import { LIST_VARIABLE, type ScenarioList } from './scenario-list.ts';
import { PlaywrightChild } from './playwright-child.ts';
import type { Project } from './project.ts';
import { findScenarios } from './scenario-files.ts';
import { isAmong } from './runner-options.ts';
import type { TestArguments } from './test-arguments.ts';

/** What a run would run, and what of it needs a cluster. */
export type ChosenScenarios = Pick<ScenarioList, 'titles' | 'trials'>;

/**
 * Has the test runner load the scenarios and choose, without running any: what is wrong with them shows before a
 * cluster is made for them.
 *
 * @throws FiredrillError `scenario.no-list` with the runner's own words, `configuration.malformed`, `scenario.cannot-load` with every error, `scenario.none-chosen`,
 * `scenario.foreign-configuration`, and those of `findScenarios`
 */
export async function listScenarios(
  args: TestArguments,
  project: Project,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ChosenScenarios> {
  const directory = makeTemporaryFolder('firedrill-list-');
  const said = join(directory, 'said');
  const output = openSync(said, 'w');
  try {
    const file = join(directory, 'list.json');
    const child = await PlaywrightChild.start(
      [
        ...findScenarios(args.filters, project),
        ...args.passedOn,
        '--list',
        '--reporter',
        join(import.meta.dirname, '..', 'fixtures', sourceFile('list-reporter')),
      ],
      // The runner cuts off where a file could not be loaded from, unless it is told to leave stacks as they are.
      { ...env, [LIST_VARIABLE]: file, PWDEBUGIMPL: '1' },
      project.configuration,
      output,
    );
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    const exitCode = await child.ended;
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    if (!existsSync(file)) throw noList(project, exitCode, readFileSync(said, 'utf8'));
    return chosenOf(JSON.parse(readFileSync(file, 'utf8')) as ScenarioList, args);
  } finally {
    closeSync(output);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A runner that ends by itself, before it has asked for anything, does not take what it was told. */
function noList(project: Project, exitCode: number | undefined, said: string): FiredrillError {
  const words = tameLines(said.replaceAll(/^\s+at .*\n/gm, '').trim());
  const where = project.isConfigured ? `, by ${project.configuration}` : '';
  const how = exitCode === undefined ? 'was killed' : `ended with exit code ${exitCode}`;
  return new FiredrillError(
    'scenario.no-list',
    `the test runner ${how} before it had a list of scenarios${where}: ${words}`,
    {
      userError: exitCode !== undefined,
    },
  );
}

/** Whether nothing to run is what was asked for: the test runner takes it for a success then. */
export function mayChooseNone({ passedOn }: Pick<TestArguments, 'passedOn'>): boolean {
  return isAmong(passedOn, '--pass-with-no-tests') || isAmong(passedOn, '--only-changed');
}

/** The example of the README stands in our own repository: in another folder its import leads nowhere. */
function cannotLoad(words: string): FiredrillError {
  const isOurDoor = /Cannot find module '[^']*\bharness\/index\.[jt]s'/.test(words);
  return new FiredrillError(
    'scenario.cannot-load',
    words,
    isOurDoor
      ? {
          hint: "harness/index.ts is for scenarios of our repository; in a folder of your own they import from 'firedrill'",
        }
      : {},
  );
}

function chosenOf(list: ScenarioList, args: TestArguments): ChosenScenarios {
  if (!list.isOurs)
    throw new FiredrillError(
      'scenario.foreign-configuration',
      'the Playwright configuration is not made from ours',
      { hint: "import firedrill from 'firedrill/config'; export default defineConfig(firedrill, { ... })" },
    );
  if (list.configuration.length > 0)
    throw new FiredrillError(
      'configuration.malformed',
      `the Playwright configuration, or a file of scenarios, says what a run does not do:\n  ${list.configuration.join('\n  ')}`,
      { hint: 'leave it out there; all else that it says counts' },
    );
  const errors = list.errors.filter((error) => !/^Error: No tests found/.test(error));
  if (errors.length > 0) throw cannotLoad(errors.join('\n\n'));
  if (list.titles.length > 0 || mayChooseNone(args)) return list;
  const chosen = [...args.filters, ...args.passedOn].join(' ');
  throw new FiredrillError('scenario.none-chosen', `no scenario is chosen by: ${chosen || '(nothing)'}`, {
    hint: args.control
      ? `${COMMANDS.test} --list shows them`
      : `controls run with --control only; ${COMMANDS.test} --list shows the others`,
  });
}
