import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { RUN_FILES } from '../core/journal/run-files.ts';
import type { Verdict } from '../core/verdict.ts';
import { judge } from '../judge/judge.ts';
import { Journal, readJournal } from './journal-file.ts';

/** Judges a journal and writes `verdict.json` beside it. */
export function writeVerdict(journalPath: string): Verdict {
  const { entries, proof } = readJournal(journalPath);
  const verdict = judge(entries, proof);
  const path = join(dirname(journalPath), RUN_FILES.verdict);
  // Written beside and renamed: a reader sees a whole file or none.
  writeFileSync(`${path}.new`, `${JSON.stringify(verdict, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
  return verdict;
}

/**
 * Gives every trial of a run whose writer is gone an end and a verdict: what was recorded counts, and the trial is
 * inconclusive. Returns the verdicts that were still missing.
 */
export function judgeOpenJournals(runDirectory: string, reason: string, clock: Clock): readonly Verdict[] {
  return openJournals(runDirectory).map((path) => {
    if (!readJournal(path).entries.some((entry) => entry.kind === 'trial.ended')) {
      const journal = Journal.reopen(path, clock);
      journal.append({ kind: 'trial.ended', how: 'interrupted', error: reason });
      journal.close();
    }
    return writeVerdict(path);
  });
}

/** The journals of a run whose trials have no verdict yet. */
export function openJournals(runDirectory: string): readonly string[] {
  const trials = join(runDirectory, RUN_FILES.trials);
  if (!existsSync(trials)) return [];
  return readdirSync(trials)
    .map((name) => join(trials, name))
    .filter((directory) => existsSync(join(directory, RUN_FILES.journal)))
    .filter((directory) => !existsSync(join(directory, RUN_FILES.verdict)))
    .map((directory) => join(directory, RUN_FILES.journal));
}
