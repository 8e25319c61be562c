import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { FiredrillError } from '../core/errors.ts';
import { nearestNames } from '../core/nearest.ts';
import type { Project } from './project.ts';

const SCENARIO = /\.spec\.ts$/;

/**
 * Finds the scenarios that a user names, wherever they lie.
 *
 * @returns what the test runner is told in place of the filters
 * @throws FiredrillError `scenario.no-folder`, `scenario.unknown`, `scenario.ambiguous`
 */
export function findScenarios(filters: readonly string[], project: Project): readonly string[] {
  if (filters.some((filter) => filter.trim() === ''))
    throw new FiredrillError('scenario.unknown', 'an empty filter names no scenario', {
      hint: 'without any filter all are chosen; where a variable was meant, it is not set',
    });
  // Only the test runner knows where a configuration of the user's own looks for scenarios.
  if (project.isConfigured) return filters;
  const root = project.directory;
  const folder = relative(root, project.scenarioFolder).split(sep).join('/');
  const files = scenarioFiles(root, folder);
  return filters.flatMap((filter) =>
    patternsOf(
      isAbsolute(filter) || existsSync(filter) ? relative(root, resolve(filter)) || '.' : filter,
      files,
      folder,
    ),
  );
}

/** The scenario files under a folder, as paths with slashes relative to `root`, sorted. */
function scenarioFiles(root: string, folder: string): readonly string[] {
  const found = statSync(join(root, folder), { throwIfNoEntry: false });
  if (found?.isDirectory() !== true)
    throw new FiredrillError(
      'scenario.no-folder',
      `${join(root, folder)} ${found ? 'is no folder' : 'does not exist'}`,
      {
        hint: 'put scenarios there, as NAME.spec.ts; or name another folder: FIREDRILL_SCENARIOS=FOLDER',
      },
    );
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && SCENARIO.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.includes('node_modules/'))
    .sort();
}

/** `scenarios/node/node-loss.spec.ts` is called `node-loss`. */
function scenarioName(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(SCENARIO, '');
}

/**
 * The patterns by which the test runner finds what one filter names: a path, a name without its folders, a whole folder, or else all
 * that contains the filter's text, with the folders or without them. A path or a name that is whole stands for itself alone.
 *
 * @throws FiredrillError `scenario.unknown` with the nearest names, `scenario.ambiguous` with each path of that name
 */
export function patternsOf(filter: string, files: readonly string[], folder: string): readonly string[] {
  const [, wanted = '', position = ''] = /^(?:\.\/)?(.*?)\/?((?::\d+){0,2})$/.exec(filter) ?? [];
  const prefix = [folder, basename(folder)].find((each) => wanted.startsWith(`${each}/`)) ?? '';
  const name = wanted.replace(SCENARIO, '').slice(prefix === '' ? 0 : prefix.length + 1);
  const whole = (text: string): boolean => text.toLowerCase() === name.toLowerCase();
  const pathOf = (file: string): string => file.slice(folder.length + 1).replace(SCENARIO, '');
  // The test runner compares with whole paths, in which no dots lead to a folder elsewhere.
  const exactly = (file: string): string => `${escaped(file.replace(/^(\.\.\/)+/, '/'))}$${position}`;

  const path = files.find((file) => whole(pathOf(file)));
  if (path !== undefined) return [exactly(path)];
  const [named, ...others] = files.filter((file) => whole(scenarioName(file)));
  if (others.length > 0)
    throw new FiredrillError('scenario.ambiguous', `more than one scenario is called ${name}`, {
      hint: `say which: ${[named, ...others].map((file) => file?.replace(SCENARIO, '')).join(' or ')}`,
    });
  if (named !== undefined) return [exactly(named)];
  const inside = files.filter((file) => file.toLowerCase().startsWith(`${folder}/${name}/`.toLowerCase()));
  if (inside.length > 0) return inside.map(exactly);

  const contains = (file: string): boolean => matches(wanted, file);
  const found = files.filter((file) => contains(file) || contains(`${folder}/${basename(file)}`));
  if (found.length > 0) return found.every(contains) ? [`${wanted}${position}`] : found.map(exactly);
  const names = [...new Set(files.map(scenarioName))];
  const near = nearestNames(scenarioName(wanted), names);
  throw new FiredrillError('scenario.unknown', `no scenario in the folder ${folder} matches "${filter}"`, {
    hint:
      near.length > 0
        ? `did you mean ${near.map((each) => `${basename(folder)}/${each}`).join(', ')}?`
        : `there are: ${names.join(', ') || '(none)'}`,
  });
}

/** As the test runner compares. */
function matches(pattern: string, file: string): boolean {
  if (file.toLowerCase().includes(pattern.toLowerCase())) return true;
  // In a path that leads outside the dots stand for themselves.
  if (pattern.startsWith('../')) return false;
  try {
    return new RegExp(pattern, 'i').test(file);
  } catch {
    // What is no regular expression was compared as text above.
    return false;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
