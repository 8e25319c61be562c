import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../harness/core/journal/journal.ts';
import { RUN_FILES } from '../../harness/core/journal/run-files.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { readJournal } from '../../harness/trial/journal-file.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REPORTS = join(ROOT, 'reports', 'out');
/** Where scenarios lie that are there to be measured. */
export const BENCH_SCENARIOS = join('ci', 'bench', 'scenarios');
/** As expected, violated, inconclusive: the trials have been judged. Any other code means that they have not. */
const JUDGED = [0, 1, 2];

/** One `npm test`, with the verdicts of exactly this run. */
interface ScenarioRun {
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
  /** The journal of each trial. */
  readonly journals: readonly (readonly Entry[])[];
}

/**
 * Runs scenarios as a user does.
 *
 * @throws Error where the command did not get as far as verdicts, or left none of its own
 */
export async function runOfScenarios(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<ScenarioRun> {
  const before = new Set(runDirectories());
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'ci', 'bootstrap.mjs'), 'test', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // In order, so that its cluster is taken down before this returns.
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const [code] = (await once(child, 'close')) as [number | null];
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  const seconds = (performance.now() - startedMs) / 1000;
  const command = `npm test -- ${args.join(' ')}`;
  if (code === null || !JUDGED.includes(code))
    throw new Error(`${command} exited with ${code ?? 'a signal'}: nothing was measured`);
  // Only one run at a time goes on in a directory, so the new one is this one.
  const [run, ...others] = runDirectories().filter((name) => !before.has(name));
  if (run === undefined || others.length > 0)
    throw new Error(`${command} left ${others.length + (run === undefined ? 0 : 1)} new runs in ${REPORTS}`);
  const trials = join(REPORTS, run, 'trials');
  const journals = filesOf(trials, RUN_FILES.journal).map((path) => readJournal(path).entries);
  return { seconds, verdicts: verdictsOf(trials), journals };
}

/**
 * One `npm run firedrill -- ...`.
 *
 * @throws Error where it exits with another code than 0
 */
export async function firedrill(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(ROOT, 'harness', 'cli', 'firedrill.ts'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`firedrill ${args.join(' ')} exited with ${code ?? 'a signal'}`);
}

function runDirectories(): readonly string[] {
  if (!existsSync(REPORTS)) return [];
  return readdirSync(REPORTS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function verdictsOf(trials: string): readonly Verdict[] {
  return filesOf(trials, RUN_FILES.verdict).map((path) => JSON.parse(readFileSync(path, 'utf8')) as Verdict);
}

function filesOf(trials: string, file: string): readonly string[] {
  return readdirSync(trials)
    .map((trial) => join(trials, trial, file))
    .filter((path) => existsSync(path));
}
