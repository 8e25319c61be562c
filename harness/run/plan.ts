import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plan } from '../core/owner/approval.ts';
import { FiredrillError } from '../core/errors.ts';
import { isPackage } from '../core/installation.ts';
import type { AllowedTargets } from '../core/owner/permission.ts';
import { importedFiles } from './imported-files.ts';
import type { TestArguments } from './test-arguments.ts';

const OWN = join(import.meta.dirname, '..', '..');
/** What decides about a fault and carries it out. */
const CODE_FOLDERS = ['harness', 'infra', 'healers'];
/** Left behind by runs and tools, and other on every machine; what is in node_modules stands in the lock file. */
const NO_SOURCES = /(^|\/)(node_modules|reports\/out|test-results|\.git|\.firedrill)(\/|$)/;
/** Of the project around the scenarios: what the test runner reads, and what is installed. */
const PROJECT_FILES = /^(playwright\.config\.[cm]?[jt]s|package(-lock)?\.json|tsconfig\.json)$/;
/** Variables that change what is run or hit, what judges it, or whose machines are switched off. */
const VARIABLES = /^(FIREDRILL_(USE_.*|HEALER|IMAGES|PROMETHEUS|ALERTMANAGER|MACHINES_URL.*)|NODE_OPTIONS)$/;

/** What is known of a run before it begins. */
export interface PlannedRun {
  readonly args: Pick<TestArguments, 'passedOn' | 'control'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** File and title of each trial, as the test runner has chosen them. */
  readonly titles: readonly string[];
  /** The folder that scenarios and what they name lie in. */
  readonly scenarioFolder: string;
  /** The folder of the project that they belong to. */
  readonly projectFolder: string;
  readonly seed: number;
  /** The owner's limits when it was planned. */
  readonly allowed?: AllowedTargets;
}

/**
 * What a run will do, in parts that each can be told apart when they differ. A scenario is a program, so what it injects is known by
 * its text, the code that runs it, the options that change either, and the seed that chooses the targets within the owner's limits.
 *
 * @throws FiredrillError `approval.linked-folder`, `approval.unknown-import`
 */
export function planOf(run: PlannedRun): Plan {
  const { args, environment, titles, scenarioFolder, projectFolder, seed, allowed } = run;
  const overrides = Object.entries(environment)
    .filter(([name, value]) => VARIABLES.test(name) && value !== undefined)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
  const scenarios = filesBelow(scenarioFolder, scenarioFolder, () => true);
  return {
    code: digest(CODE_FOLDERS.flatMap((folder) => filesBelow(OWN, join(OWN, folder), isCode))),
    scenarios: digest(scenarios),
    imports: digest(importedFrom(scenarioFolder, scenarios)),
    project: digest(
      readdirSync(projectFolder)
        .filter((name) => PROJECT_FILES.test(name))
        .sort()
        .map((name) => [name, readFileSync(join(projectFolder, name))]),
    ),
    trials: titles.join('\n'),
    arguments: [...args.passedOn, ...(args.control ? ['--control'] : [])].join(' '),
    options: overrides.join('\n'),
    seed: String(seed),
    limits: allowed === undefined ? 'none' : limitsText(allowed),
  };
}

function limitsText({ namespaces, nodes }: AllowedTargets): string {
  return `namespaces ${namespaces.join(', ') || 'none'}, nodes ${nodes ?? 'none'}`;
}

/** What the scenarios import from outside of their folder, by its place in relation to it; our own code is a part by itself. */
function importedFrom(
  folder: string,
  scenarios: readonly (readonly [string, Buffer])[],
): readonly (readonly [string, Buffer])[] {
  const programs = scenarios
    .map(([path]) => join(folder, path))
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path));
  const root = realpathSync(folder);
  const present = new Set(programs.map((path) => realpathSync(path)));
  const known = CODE_FOLDERS.map((name) => join(OWN, name));
  return importedFiles(programs, known)
    .filter((path) => !present.has(path))
    .map((path) => [relative(root, path).split(sep).join('/'), readFileSync(path)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Tests decide nothing. */
function isCode(path: string): boolean {
  return (
    path.endsWith(isPackage ? '.js' : '.ts') && !path.endsWith('.test.ts') && !path.includes('/testing/')
  );
}

/** Name and content of each file, sorted by name. */
function filesBelow(
  root: string,
  directory: string,
  isWanted: (path: string) => boolean,
): readonly (readonly [string, Buffer])[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => isWanted(path) && !NO_SOURCES.test(path))
    .filter((path) => isReadable(join(root, path)))
    .sort()
    .map((path) => [path, readFileSync(join(root, path))] as const);
}

/** A link counts by what it leads to; one that leads nowhere says nothing, and of one to a folder nobody could say what is approved. */
function isReadable(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) return found?.isFile() === true;
  throw new FiredrillError(
    'approval.linked-folder',
    `${path} is a link to a folder, whose content no plan covers`,
    { hint: 'put the folder itself there' },
  );
}

function digest(files: readonly (readonly [string, Buffer])[]): string {
  const hash = createHash('sha256');
  // The length keeps a name or content from being taken for a part of another.
  for (const [path, content] of files) hash.update(`${path}\n${content.length}\n`).update(content);
  return hash.digest('hex');
}
