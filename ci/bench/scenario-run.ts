import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from '../../harness/core/journal/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { readRun } from '../../reports/read-run.ts';
import { runProgram } from '../suites/command.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const REPORTS = join(ROOT, 'reports', 'out');
/** As expected, violated, inconclusive: the trials have been judged. Any other code means that they have not. */
const JUDGED = [0, 1, 2];

/** One `npm test`, with the verdicts of exactly this run. */
interface ScenarioRun {
  readonly seconds: number;
  /** All trials ended as their scenarios say. */
  readonly asExpected: boolean;
  readonly verdicts: readonly Verdict[];
  /** The journal of each trial. */
  readonly journals: readonly (readonly Entry[])[];
}

/**
 * Runs scenarios as a user does; they are those of this project, whichever the user else runs.
 *
 * @throws Error where the command did not get as far as verdicts, or left none of its own
 */
export async function runOfScenarios(
  args: readonly string[],
  signal: AbortSignal,
  environment: NodeJS.ProcessEnv = {},
): Promise<ScenarioRun> {
  const before = runDirectories();
  const startedMs = performance.now();
  const { code } = await runProgram([join(ROOT, 'ci', 'bootstrap.mjs'), 'test', ...args], signal, {
    environment: { FIREDRILL_SCENARIOS: '', ...environment },
  });
  signal.throwIfAborted();
  const seconds = (performance.now() - startedMs) / 1000;
  const command = `npm test -- ${args.join(' ')}`;
  if (code === null || !JUDGED.includes(code))
    throw new Error(`${command} exited with ${code ?? 'a signal'}: nothing was measured`);
  // Only one run at a time goes on in a directory, so the new one is this one.
  const [run, ...others] = runDirectories().filter((name) => !before.includes(name));
  if (run === undefined || others.length > 0)
    throw new Error(`${command} left ${others.length + (run === undefined ? 0 : 1)} new runs in ${REPORTS}`);
  const trials = await readRun(join(REPORTS, run));
  const verdicts = trials.filter(({ judged }) => judged).map(({ verdict }) => verdict);
  return { seconds, asExpected: code === 0, verdicts, journals: trials.map(({ entries }) => entries) };
}

/**
 * One `npm run firedrill -- ...`, to its end.
 *
 * @throws Error where it exits with another code than 0
 */
export async function firedrill(args: readonly string[], signal?: AbortSignal): Promise<void> {
  const { code } = await runProgram([join(ROOT, 'harness', 'cli', 'firedrill.ts'), ...args], signal);
  if (code !== 0) throw new Error(`firedrill ${args.join(' ')} exited with ${code ?? 'a signal'}`);
}

function runDirectories(): readonly string[] {
  if (!existsSync(REPORTS)) return [];
  const entries = readdirSync(REPORTS, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
