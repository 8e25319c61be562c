import { given } from '../../harness/core/given.ts';
import type { Entry, EntryOf } from '../../harness/core/journal/journal.ts';
import type { JournalProof } from '../../harness/core/journal/parse-journal.ts';
import type { Outcome, Verdict } from '../../harness/core/verdict.ts';

/** All that a report knows of one trial. */
export interface TrialRecord {
  /** The name of its folder under `trials/`. */
  readonly id: string;
  readonly directory: string;
  readonly entries: readonly Entry[];
  /** Whether the lines of its journal are those that were written; absent where it could not be read. */
  readonly proof?: JournalProof;
  /** The judge's word, or an inconclusive stand-in that says why there is none. */
  readonly verdict: Verdict;
  readonly judged: boolean;
  /** What is wrong with the files of this trial, for the reader of the report. */
  readonly problems: readonly string[];
}

export function startOf(entries: readonly Entry[]): EntryOf<'trial.started'> | undefined {
  return entries.find((entry): entry is EntryOf<'trial.started'> => entry.kind === 'trial.started');
}

/** A verdict for a trial that was never judged: always inconclusive, with what the journal tells about the trial. */
export function unjudged(id: string, entries: readonly Entry[], reason: string): Verdict {
  const start = startOf(entries);
  const samples = entries.filter((entry) => entry.kind === 'probe.sample');
  return {
    schema: 2,
    trialId: start?.trialId ?? id,
    runId: start?.runId ?? '',
    scenario: start?.scenario ?? id,
    title: start?.title ?? id,
    outcome: 'inconclusive',
    expected: start?.expected ?? 'held',
    asExpected: false,
    reason,
    marks: [],
    recovery: { kind: 'unknown', reason },
    capacity: { kind: 'unknown', reason },
    requests: { total: samples.length, failed: samples.filter((sample) => !sample.ok).length },
    findings: [],
    seed: start?.seed ?? 0,
    ...given({ runSeed: start?.runSeed }),
    control: start?.control ?? false,
    targets: entries.flatMap((entry) => (entry.kind === 'fault.resolved' ? entry.targets : [])),
    cluster: start?.cluster ?? { name: '', provider: '', kubernetesVersion: '', uid: '' },
    versions: start?.versions ?? {},
    digests: start?.digests ?? {},
    deviations: start?.deviations ?? [],
    again: start?.again ?? '',
  };
}

/**
 * The word over a whole run: as its worst trial that was not as expected, else held. A run without trials has shown
 * nothing and is inconclusive.
 */
export function runOutcome(trials: readonly TrialRecord[]): Outcome {
  if (trials.length === 0) return 'inconclusive';
  const unexpected = trials
    .filter((trial) => !trial.verdict.asExpected)
    .map((trial) => trial.verdict.outcome);
  if (unexpected.includes('violated')) return 'violated';
  if (unexpected.includes('inconclusive')) return 'inconclusive';
  // A control that was to be violated and held is a failed control: the claim of the run is violated.
  return unexpected.length > 0 ? 'violated' : 'held';
}
