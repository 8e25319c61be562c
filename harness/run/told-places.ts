import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ClusterProvider } from '../../infra/cluster.ts';
import { whyNoFolder } from '../../infra/process/why-no-folder.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { BUILT_IN_REPORTERS, valueAmong } from './runner-options.ts';
import { optionOfVariable, type TestArguments } from './test-arguments.ts';

/** Settings of a cluster whose value is a file; a kubeconfig is looked at by whoever reads it, before anything is fetched. */
const FILES = ['FIREDRILL_APPROVAL', 'FIREDRILL_MACHINES_CA_FILE', 'FIREDRILL_MACHINES_TOKEN_FILE'];
/** Files that the test runner reads. */
const RUNNER_FILES = ['--test-list', '--test-list-invert', '--tsconfig'];

/**
 * Refuses files, folders and reporters that are told and cannot work, before anything is fetched or made for a run that would find it out.
 * @throws FiredrillError `arguments.malformed` with every problem at once
 */
export function requireToldPlaces(
  { passedOn, reporters }: Pick<TestArguments, 'passedOn' | 'reporters'>,
  env: NodeJS.ProcessEnv,
  { settings = [] }: Pick<ClusterProvider, 'settings'> = {},
): void {
  const lastRun = valueAmong(passedOn, '--last-failed-file');
  const told: readonly (readonly [what: string, path: string | undefined, use: (path: string) => void])[] = [
    ...FILES.filter((name) => settings.includes(name)).map(
      (name) => [optionOfVariable(name), env[name], requireFile] as const,
    ),
    ...RUNNER_FILES.map((option) => [option, valueAmong(passedOn, option), requireFile] as const),
    ['--output', valueAmong(passedOn, '--output'), requireRoom],
    ['--last-failed-file', lastRun, requireNoFolder],
    ['--last-failed-file', lastRun && dirname(lastRun), requireRoom],
    ...reporters.map((name) => ['--reporter', name, requireReporter] as const),
  ];
  const problems = told.flatMap(([what, path = '', use]) => {
    if (path === '') return [];
    try {
      use(path);
      return [];
    } catch (error) {
      return [`${what} ${path}: ${messageOf(error).split('\n')[0] ?? ''}`];
    }
  });
  if (problems.length > 0)
    throw new FiredrillError('arguments.malformed', problems.join('\n'), {
      hint: 'name one that is there, or that can be made',
    });
}

function requireFile(path: string): void {
  accessSync(path, constants.R_OK);
  requireNoFolder(path);
}

function requireNoFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error('it is a folder');
}

function requireRoom(path: string): void {
  const why = whyNoFolder(path);
  if (why !== undefined) throw new Error(why);
}

/** As the test runner looks for one. */
function requireReporter(name: string): void {
  if (BUILT_IN_REPORTERS.includes(name) || statSync(name, { throwIfNoEntry: false }) !== undefined) return;
  createRequire(join(process.cwd(), 'any')).resolve(name);
}
