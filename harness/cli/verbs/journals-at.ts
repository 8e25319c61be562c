import { globSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RUN_FILES } from '../../core/journal/run-files.ts';
import { journalNotFound } from '../../trial/journal-file.ts';

const IN_TRIAL_TRIALS_OR_RUN = `{,*/,${RUN_FILES.trials}/*/}${RUN_FILES.journal}`;

/**
 * The journals that a path stands for, with links followed: the file itself, or those in the folder of a trial or of a run.
 * @throws FiredrillError `journal.not-found`
 */
export function journalsAt(path: string): readonly string[] {
  let place: string;
  try {
    place = realpathSync(path);
  } catch (cause) {
    throw journalNotFound(path, cause);
  }
  if (!statSync(place).isDirectory()) return [place];
  const found = globSync(IN_TRIAL_TRIALS_OR_RUN, { cwd: place }).toSorted();
  if (found.length === 0)
    throw journalNotFound(path, new Error('the folder is that of no run and of no trial'));
  return found.map((name) => join(place, name));
}
