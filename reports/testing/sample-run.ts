import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialRecord } from '../facts/trial-record.ts';
import { sampleTrial } from './sample-journal.ts';
import type { SampleOptions } from './sample-shape.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

/** A run's folder on disk as the harness leaves it, with trials of these shapes. */
export async function sampleRun(trials: readonly SampleOptions[]): Promise<string> {
  const run = join(temporaryDirectory('report'), '20261122-103000');
  for (const options of trials) {
    const { entries, verdict } = sampleTrial(options);
    const directory = join(run, 'trials', verdict.trialId);
    await mkdir(directory, { recursive: true });
    await writeFile(
      join(directory, 'journal.jsonl'),
      entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
    );
    await writeFile(join(directory, 'verdict.json'), JSON.stringify(verdict));
  }
  return run;
}

/** A sample trial as it would be read back. */
export function sampleRecord(options: SampleOptions): TrialRecord {
  const { entries, verdict } = sampleTrial(options);
  return { id: verdict.trialId, directory: '', entries, verdict, judged: true, problems: [] };
}
