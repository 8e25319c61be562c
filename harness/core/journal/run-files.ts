import { join } from 'node:path';

/**
 * What a run leaves behind, in `reports/out/RUN` (and `reports/out/latest`, a link to the newest):
 *
 *   run.json                                the facts of the run: RunFacts
 *   index.html, summary.md                  the report
 *   junit.xml                               a test case per trial, each with a name of its own
 *   metrics.txt                             OpenMetrics with the times of the trials, to backfill Prometheus
 *   metrics.prom                            the same without times, for node_exporter's text files and the Pushgateway
 *   allure-results/                         for Allure 3
 *   trials/TRIAL/journal.jsonl              everything that was recorded, one entry per line
 *   trials/TRIAL/verdict.json               the judgement of it: Verdict
 *   logs/CLUSTER/                           logs of nodes and control plane, where a trial was not as expected or a
 *                                           start has failed
 *   pid                                     the launcher's process, while it runs
 *
 * TRIAL is the scenario and its title in lower case with dashes, and `-rN` from the second repetition on.
 */
export const RUN_FILES = {
  facts: 'run.json',
  trials: 'trials',
  journal: 'journal.jsonl',
  verdict: 'verdict.json',
  page: 'index.html',
  jobSummary: 'summary.md',
  allureResults: 'allure-results',
  logs: 'logs',
  pid: 'pid',
} as const;

/** The file `run.json`. */
export interface RunFacts {
  readonly schema: 1;
  /** `YYYYMMDD-HHMMSS-xxxx`, also the name of the run's directory. */
  readonly runId: string;
  readonly startedWallMs: number;
  readonly seed: number;
  readonly control: boolean;
  readonly provider: string;
  readonly clusterName: string;
  /** The command line that runs it again. */
  readonly again: string;
}

/** The directory of one trial inside its run. */
export function trialDirectory(runDirectory: string, trialId: string): string {
  return join(runDirectory, RUN_FILES.trials, trialId);
}

/** Where the logs of one of its clusters are kept. */
export function logsDirectory(runDirectory: string, clusterName: string): string {
  return join(runDirectory, RUN_FILES.logs, clusterName);
}
