import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isPackage, sourceFile } from '../core/installation.ts';

/** Our own files: the repository, or the compiled half of the package. */
const OWN = join(import.meta.dirname, '..', '..');
/** Our own reporter, which a run cannot do without. */
export const REPORTER = join(OWN, 'harness', 'fixtures', sourceFile('reporter'));
const CONFIGURATIONS = ['ts', 'js', 'mts', 'mjs', 'cts', 'cjs'].map(
  (extension) => `playwright.config.${extension}`,
);

/** Whose scenarios are run: ours in the repository, the user's where we are a package. */
export interface Project {
  /** The folder that scenarios are named from, and `scenarios/` is in. */
  readonly directory: string;
  /** The Playwright configuration that holds for them. */
  readonly configuration: string;
  /** The user has written that configuration, so only the test runner knows where it looks for scenarios. */
  readonly isConfigured: boolean;
  /** The folder of its scenarios, with what lies beside them; all of it where only the test runner knows better. */
  readonly scenarioFolder: string;
}

/** The project in a working directory. Without a configuration of its own it has ours. */
export function projectIn(workingDirectory: string, env: NodeJS.ProcessEnv): Project {
  const directory = isPackage ? workingDirectory : OWN;
  const own = isPackage
    ? CONFIGURATIONS.map((name) => join(directory, name)).find((path) => existsSync(path))
    : undefined;
  return {
    directory,
    configuration: own ?? join(OWN, sourceFile('playwright.config')),
    isConfigured: own !== undefined,
    scenarioFolder: own === undefined ? scenarioFolderIn(directory, env) : directory,
  };
}

/** Where the scenarios of a folder lie: FIREDRILL_SCENARIOS says where else, unless it is empty. */
export function scenarioFolderIn(directory: string, { FIREDRILL_SCENARIOS = '' }: NodeJS.ProcessEnv): string {
  return resolve(directory, FIREDRILL_SCENARIOS === '' ? 'scenarios' : FIREDRILL_SCENARIOS);
}
