import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Plan } from '../core/owner/approval.ts';
import { isPackage } from '../core/installation.ts';
import type { AllowedTargets } from '../core/owner/permission.ts';
import type { TestArguments } from './test-arguments.ts';

const OWN = join(import.meta.dirname, '..', '..');
/** What decides about a fault and carries it out. */
const CODE_FOLDERS = ['harness', 'infra', 'healers'];
/** Left behind by runs and tools, and other on every machine. */
const NO_SOURCES = /(^|\/)(node_modules|reports|test-results|dist|\.[^/]*)(\/|$)/;

/** What is known of a run before it begins. */
export interface PlannedRun {
  readonly args: Pick<TestArguments, 'passedOn' | 'control'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** File and title of each trial, as the test runner has chosen them. */
  readonly titles: readonly string[];
  /** The folder that scenarios and what they name lie in. */
  readonly scenarioFolder: string;
  readonly seed: number;
  /** The owner's limits when it was planned. */
  readonly allowed?: AllowedTargets;
}

/**
 * What a run will do, in parts that each can be told apart when they differ. A scenario is a program, so what it injects is known by
 * its text, the code that runs it, the options that change either, and the seed that chooses the targets within the owner's limits.
 */
export function planOf(run: PlannedRun): Plan {
  const { args, environment, titles, scenarioFolder, seed, allowed } = run;
  const overrides = Object.entries(environment)
    .filter(([name, value]) => name.startsWith('FIREDRILL_USE_') && value !== undefined)
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .sort();
  return {
    code: digest(CODE_FOLDERS.flatMap((folder) => filesBelow(OWN, join(OWN, folder), isCode))),
    scenarios: digest(filesBelow(scenarioFolder, scenarioFolder, () => true)),
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
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => isWanted(path) && !NO_SOURCES.test(path))
    .sort()
    .map((path) => [path, readFileSync(join(root, path))] as const);
}

function digest(files: readonly (readonly [string, Buffer])[]): string {
  const hash = createHash('sha256');
  // The length keeps a name or content from being taken for a part of another.
  for (const [path, content] of files) hash.update(`${path}\n${content.length}\n`).update(content);
  return hash.digest('hex');
}
