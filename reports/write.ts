import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FiredrillError, messageOf } from '../harness/core/errors.ts';
import { runPage } from './page/page.ts';
import { readRun, readRunFacts } from './read-run.ts';
import { modelOf, timelineFile } from './timeline/index.ts';

export interface WrittenReport {
  /** Path of the page. */
  readonly indexHtml: string;
}

/**
 * Reads every trial under `RUN/trials`, unfinished ones too, and writes the report of the run around them.
 * It may be called again at any time: the same files come out.
 * Throws `report.unwritable` when the folder of the run cannot be written.
 */
export async function writeReport(runDirectory: string): Promise<WrittenReport> {
  const run = resolve(runDirectory);
  const trials = (await readRun(run)).map((trial) => ({ trial, model: modelOf(trial) }));
  const indexHtml = join(run, 'index.html');
  try {
    await mkdir(run, { recursive: true });
    for (const { trial, model } of trials)
      await replaceFile(join(trial.directory, 'timeline.svg'), timelineFile(model));
    await replaceFile(
      indexHtml,
      runPage({ runId: basename(run), run: await readRunFacts(run), trials, hasAllure: false }),
    );
    await pointLatest(run);
  } catch (cause) {
    throw new FiredrillError('report.unwritable', `cannot write the report of ${run}: ${messageOf(cause)}`, {
      hint: 'free some space or make the folder writable, then run `npm run firedrill -- analyze` on the journal',
      cause,
    });
  }
  return { indexHtml };
}

/** Readers see the old file or the new one, never half of it. */
async function replaceFile(file: string, content: string): Promise<void> {
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, content);
  await rename(fresh, file);
}

/** Points the link `latest` beside the run to it, by a rename, so that it exists at every moment. */
async function pointLatest(run: string): Promise<void> {
  const link = join(dirname(run), 'latest');
  const fresh = `${link}.${process.pid}.new`;
  await rm(fresh, { force: true });
  await symlink(basename(run), fresh);
  await rename(fresh, link);
}
