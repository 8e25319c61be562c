import { dirname, relative } from 'node:path';
import { FiredrillError } from '../core/errors.ts';
import type { Project } from './project.ts';
import { isAmong } from './runner-options.ts';
import type { TestArguments } from './test-arguments.ts';

/**
 * Refuses to choose what has changed where the test runner does not see it: it asks git in the folder of its configuration.
 * @throws FiredrillError `arguments.malformed`
 */
export function requireChangesSeen(
  { passedOn }: Pick<TestArguments, 'passedOn'>,
  { configuration, scenarioFolder }: Pick<Project, 'configuration' | 'scenarioFolder'>,
): void {
  const asked = dirname(configuration);
  const isOutside = relative(asked, scenarioFolder).startsWith('..');
  if (!isOutside || !isAmong(passedOn, '--only-changed')) return;
  throw new FiredrillError(
    'arguments.malformed',
    `--only-changed: git is asked in ${asked}, and the scenarios are in ${scenarioFolder}`,
    {
      hint: "with the package, write a playwright.config.ts: export { default } from 'firedrill/config'; elsewhere name the scenarios",
    },
  );
}
