import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { FiredrillError } from '../core/errors.ts';
import { nearestNames } from '../run/nearest.ts';

const SCENARIO = /\.spec\.ts$/;

/**
 * The scenario files under a directory, as paths with slashes relative to `root`, sorted.
 *
 * @throws FiredrillError `scenario.no-folder`
 */
export function scenarioFiles(root: string, directory: string): readonly string[] {
  if (!existsSync(join(root, directory)))
    throw new FiredrillError('scenario.no-folder', `${join(root, directory)} does not exist`, {
      hint: 'put scenarios there, as NAME.spec.ts; or name another folder: FIREDRILL_SCENARIOS=FOLDER',
      userError: true,
    });
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SCENARIO.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}

/** `scenarios/node-loss.spec.ts` is called `node-loss`. */
export function scenarioName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(SCENARIO, '');
}

/**
 * Checks that each filter matches a scenario file, as Playwright would match it.
 *
 * @throws FiredrillError `scenario.unknown` with the nearest names.
 */
export function checkFilters(filters: readonly string[], files: readonly string[]): void {
  const names = files.map(scenarioName);
  for (const filter of filters) {
    const pattern = filter.replace(/(:\d+){1,2}$/, '').replace(/^\.\//, '');
    if (files.some((file) => matches(pattern, file))) continue;
    const near = nearestNames(scenarioName(pattern), names);
    throw new FiredrillError('scenario.unknown', `no scenario matches "${filter}"`, {
      hint:
        near.length > 0
          ? `did you mean ${near.map((name) => `scenarios/${name}`).join(', ')}?`
          : `there are: ${names.join(', ') || '(none)'}`,
      userError: true,
    });
  }
}

function matches(pattern: string, file: string): boolean {
  if (file.toLowerCase().includes(pattern.toLowerCase())) return true;
  try {
    return new RegExp(pattern, 'i').test(file);
  } catch {
    // What is no regular expression was compared as text above.
    return false;
  }
}
