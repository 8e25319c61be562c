import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isPackage, sourceFile } from '../core/installation.ts';

/** Our own files: the repository, or the compiled half of the package. */
const OWN = join(import.meta.dirname, '..', '..');
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
}

/** The folder of its scenarios, with what lies beside them; all of it where only the test runner knows better. */
export function scenarioFolderOf({ directory, isConfigured }: Project): string {
  if (isConfigured) return directory;
  return join(directory, process.env['FIREDRILL_SCENARIOS'] ?? 'scenarios');
}

/** The project in a working directory. Without a configuration of its own it has ours. */
export function projectIn(workingDirectory: string): Project {
  if (!isPackage)
    return { directory: OWN, configuration: join(OWN, 'playwright.config.ts'), isConfigured: false };
  const own = CONFIGURATIONS.map((name) => join(workingDirectory, name)).find((path) => existsSync(path));
  return {
    directory: workingDirectory,
    configuration: own ?? join(OWN, sourceFile('playwright.config')),
    isConfigured: own !== undefined,
  };
}
