import { existsSync } from 'node:fs';
import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FiredrillError, messageOf } from '../harness/core/errors.ts';
import { COMMANDS } from '../harness/core/installation.ts';
import { isMissing } from '../harness/core/file-errors.ts';
import { RUN_FILES } from '../harness/core/journal/run-files.ts';
import type { TrialRecord } from './facts/trial-record.ts';
import { generateAllureReport } from './allure/generate.ts';
import { writeAllureResults } from './allure/write-results.ts';
import { runPage } from './page/page.ts';
import { readRun, readRunFacts } from './read-run.ts';
import { replaceFile } from './markup/replace-file.ts';
import { jobSummary } from './summary/job-summary.ts';
import { junitXml } from './summary/junit.ts';
import { metricsWithoutTimes, openMetrics } from './summary/open-metrics.ts';
import { modelOf, timelineFile } from './timeline/index.ts';

/** `YYYYMMDD-HHMMSS`, and what tells two runs of one second apart. */
const NAME_OF_A_RUN = /^\d{8}-\d{6}(-\w+)?$/;

interface ReportOptions {
  /**
   * `report` (the default) also runs the Allure generator, which takes some seconds of its own; `results` leaves that
   * to whoever wants it.
   */
  readonly allure?: 'report' | 'results';
  readonly signal?: AbortSignal;
}

interface WrittenReport {
  /** What it is about, in the order in which they started. */
  readonly trials: readonly TrialRecord[];
  /** Path of the page. */
  readonly indexHtml: string;
  /** Path of the Allure report's page, where one was generated. */
  readonly allureHtml?: string;
  /** Parts that could not be made, with the reason; the page is there all the same. */
  readonly problems: readonly FiredrillError[];
}

/**
 * Reads every trial under `RUN/trials`, unfinished ones too, and writes the report of the run around them: the page,
 * a picture per trial, JUnit, job summary, metrics, Allure, and the link `latest` beside the run.
 * Writing again at any time gives the same files.
 * Throws `report.unwritable` when the folder of the run cannot be written.
 */
export async function writeReport(runDirectory: string, options: ReportOptions = {}): Promise<WrittenReport> {
  const run = resolve(runDirectory);
  const facts = await readRunFacts(run);
  // A copy may lie in a folder of any name.
  const runId = facts?.runId ?? basename(run);
  const trials = (await readRun(run)).map((trial) => ({ trial, model: modelOf(trial) }));
  const records = trials.map((one) => one.trial);
  const indexHtml = join(run, RUN_FILES.page);
  const willHaveAllure = options.allure !== 'results' && records.length > 0;
  const page = (hasAllure: boolean): Promise<void> =>
    replaceFile(indexHtml, runPage({ runId, run: facts, trials, hasAllure }));
  try {
    await mkdir(run, { recursive: true });
    for (const { trial, model } of trials)
      await replaceFile(join(trial.directory, 'timeline.svg'), timelineFile(model));
    await page(willHaveAllure);
    await replaceFile(join(run, 'junit.xml'), junitXml(runId, records));
    await replaceFile(join(run, RUN_FILES.jobSummary), jobSummary(records, facts?.again));
    await replaceFile(join(run, 'metrics.txt'), openMetrics(records));
    await replaceFile(join(run, 'metrics.prom'), metricsWithoutTimes(records));
    if (basename(run) === runId) await pointLatest(run);
  } catch (cause) {
    throw new FiredrillError('report.unwritable', `cannot write the report of ${run}: ${messageOf(cause)}`, {
      hint: `free some space or make the folder writable, then: ${COMMANDS.firedrill} report ${join(run, RUN_FILES.trials, '*', RUN_FILES.journal)}`,
      cause,
    });
  }
  try {
    await writeAllureResults(join(run, RUN_FILES.allureResults), records);
    if (!willHaveAllure) return { trials: records, indexHtml, problems: [] };
    const { indexHtml: allureHtml } = await generateAllureReport(run, `firedrill ${runId}`, options.signal);
    return { trials: records, indexHtml, allureHtml, problems: [] };
  } catch (cause) {
    await page(false);
    return { trials: records, indexHtml, problems: [asError(cause)] };
  }
}

function asError(cause: unknown): FiredrillError {
  if (cause instanceof FiredrillError) return cause;
  return new FiredrillError('report.allure-failed', `no Allure results: ${messageOf(cause)}`, { cause });
}

/**
 * Points the link `latest` beside the run to it, by a rename, so that it exists at every moment. Names of runs are
 * times: the report of a run that is made up for later does not take the link from a newer one. Whatever else has
 * that name is not ours, and stays.
 */
async function pointLatest(run: string): Promise<void> {
  const link = join(dirname(run), 'latest');
  const there = await lstat(link).catch(unlessMissing);
  const target = there?.isSymbolicLink() === true ? await readlink(link) : undefined;
  if (there !== undefined && !NAME_OF_A_RUN.test(target ?? '')) return;
  if (target !== undefined && target > basename(run) && existsSync(link)) return;
  const fresh = `${link}.${process.pid}.new`;
  await rm(fresh, { force: true });
  await symlink(basename(run), fresh);
  await rename(fresh, link);
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
