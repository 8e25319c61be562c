import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readRun } from '../../reports/read-run.ts';
import { formatFooter, formatTrial, type TerminalStyle } from '../../reports/terminal/index.ts';
import { runOutcome } from '../../reports/facts/trial-record.ts';
import { writeReport } from '../../reports/write.ts';
import { systemClock } from '../core/clock.ts';
import { describeError } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { RUN_FILES } from '../core/journal/run-files.ts';
import { RUNNER_FILE, type RunnerOutcome } from './runner-outcome.ts';
import { judgeOpenJournals } from '../trial/verdict-file.ts';
import type { Run } from './begin-run.ts';
import { exitCodeOf, type RunEnd } from './exit-code.ts';
import type { Interrupted } from './interruption.ts';
import type { ClustersEnd, Print } from './run-cluster.ts';

/** How the part of a run that has a cluster ended. */
export interface RunEnding extends ClustersEnd {
  readonly interrupted?: Interrupted;
}

/** Judges what is still open, writes the report, prints the last lines, and returns the exit code. */
export async function concludeRun(
  run: Run,
  style: TerminalStyle,
  print: Print,
  { interrupted, clustersLived, leftovers }: RunEnding,
): Promise<number> {
  const { directory } = run.context;
  const closed = judgeOpenJournals(directory, interrupted?.message ?? 'its worker died', systemClock);
  // Whoever interrupts wants the prompt back: the Allure page is left out then.
  for (const problem of await report(run, interrupted === undefined ? 'report' : 'results'))
    process.stderr.write(`${describeError(problem)}\n`);
  const trials = await readRun(directory);
  for (const trial of trials)
    if (closed.some((verdict) => verdict.trialId === trial.verdict.trialId))
      print(`\n${formatTrial(trial.verdict, trial.entries, style)}\n`);
  const verdicts = trials.map((trial) => trial.verdict);
  const indexHtml = relative(process.cwd(), join(directory, RUN_FILES.page));
  const logs = relative(process.cwd(), join(directory, RUN_FILES.logs));
  const footer = { outcome: runOutcome(trials), verdicts, indexHtml, again: run.again };
  print(`\n${formatFooter({ ...footer, ...(existsSync(logs) ? { logs } : {}) }, style)}\n`);
  const runner = runnerEnd(directory);
  const failed = runner.plain?.failed ?? 0;
  if (failed > 0) print(`  plain tests that failed, without a verdict: ${failed}\n`);
  if (interrupted !== undefined) return interrupted.exitCode;
  const residue =
    leftovers ||
    (clustersLived &&
      trials.some((trial) => trial.entries.some((entry) => entry.kind === 'residue' && !entry.ok)));
  return exitCodeOf({ verdicts, residue, ...runner });
}

/** Writes the report; what could not be written is told, and takes neither verdicts nor exit code away. */
async function report({ context, env }: Run, allure: 'report' | 'results'): Promise<readonly unknown[]> {
  const { directory } = context;
  try {
    const { problems } = await writeReport(directory, { allure });
    publishJobSummary(directory, env);
    return problems;
  } catch (error) {
    return [error];
  }
}

/** Whether the runner had trouble of its own: files that it could not load, trials that never began; and what plain tests came to. */
function runnerEnd(directory: string): Pick<RunEnd, 'runnerFailed' | 'plain'> {
  const path = join(directory, RUNNER_FILE);
  if (!existsSync(path)) return { runnerFailed: true };
  const { errors, unjudged, plain } = JSON.parse(readFileSync(path, 'utf8')) as RunnerOutcome;
  return { runnerFailed: errors.length > 0 || unjudged > 0, ...given({ plain }) };
}

/** On a CI service that shows a page per job (GitHub's and those that copy it), the summary goes there, too. */
function publishJobSummary(directory: string, env: NodeJS.ProcessEnv): void {
  const page = env['GITHUB_STEP_SUMMARY'];
  if (page === undefined || page === '') return;
  appendFileSync(page, readFileSync(join(directory, RUN_FILES.jobSummary), 'utf8'));
}
