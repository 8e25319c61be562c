import type { Duration, Outcome } from '../../harness/core/verdict.ts';
import { environmentOf } from '../facts/environment.ts';
import { userCost } from '../facts/users.ts';
import type { TrialRecord } from '../facts/trial-record.ts';

interface Family {
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  /** The trial's figure; undefined where it was not measured: no sample, never a zero. */
  readonly value: (trial: TrialRecord) => number | undefined;
}

const FAMILIES: readonly Family[] = [
  {
    name: 'firedrill_trial_recovery_seconds',
    unit: 'seconds',
    help: 'Time from the effective fault until users were restored, 0 where they noticed nothing',
    value: ({ verdict }) => secondsOf(verdict.recovery),
  },
  {
    name: 'firedrill_trial_recovery_low_seconds',
    unit: 'seconds',
    help: 'The lower end of the bracket that holds the true recovery time',
    value: ({ verdict: { recovery } }) => (recovery.kind === 'measured' ? recovery.lowMs / 1000 : undefined),
  },
  {
    name: 'firedrill_trial_recovery_high_seconds',
    unit: 'seconds',
    help: 'The upper end of the bracket that holds the true recovery time',
    value: ({ verdict: { recovery } }) => (recovery.kind === 'measured' ? recovery.highMs / 1000 : undefined),
  },
  {
    name: 'firedrill_trial_not_recovered_after_seconds',
    unit: 'seconds',
    help: 'How long a trial was watched that did not recover',
    value: ({ verdict }) =>
      verdict.recovery.kind === 'censored' ? verdict.recovery.atLeastMs / 1000 : undefined,
  },
  {
    name: 'firedrill_trial_capacity_seconds',
    unit: 'seconds',
    help: 'Time from the effective fault until all replicas were Ready again',
    value: ({ verdict }) => secondsOf(verdict.capacity),
  },
  {
    name: 'firedrill_trial_requests',
    help: 'Requests of the probe',
    value: ({ verdict }) => verdict.requests.total,
  },
  {
    name: 'firedrill_trial_failed_requests',
    help: 'Requests of the probe that failed',
    value: ({ verdict }) => verdict.requests.failed,
  },
  {
    name: 'firedrill_trial_error_budget_ratio',
    unit: 'ratio',
    help: 'Share of the 30-day error budget that the trial spent',
    value: (trial) => userCost(trial.verdict, trial.entries)?.budgetShare,
  },
];

const OUTCOMES: readonly Outcome[] = ['held', 'violated', 'inconclusive'];
const OUTCOME = 'firedrill_trial_outcome';

/** The figures of a run as OpenMetrics text, with the times of the trials, ready to be backfilled into Prometheus. */
export function openMetrics(trials: readonly TrialRecord[]): string {
  const lines = FAMILIES.flatMap((family) => [
    `# TYPE ${family.name} gauge`,
    ...(family.unit === undefined ? [] : [`# UNIT ${family.name} ${family.unit}`]),
    `# HELP ${family.name} ${family.help}`,
    ...trials.flatMap((trial) => {
      const value = family.value(trial);
      return value === undefined ? [] : [`${family.name}{${labels(trial)}} ${value} ${endOf(trial)}`];
    }),
  ]);
  const outcomes = trials.flatMap((trial) =>
    OUTCOMES.map(
      (outcome) =>
        `${OUTCOME}{${labels(trial)},${OUTCOME}="${outcome}"} ${trial.verdict.outcome === outcome ? 1 : 0} ${endOf(trial)}`,
    ),
  );
  return [
    ...lines,
    `# TYPE ${OUTCOME} stateset`,
    `# HELP ${OUTCOME} The verdict`,
    ...outcomes,
    '# EOF',
    '',
  ].join('\n');
}

/**
 * The same in Prometheus' own text format and without times, which the collector of node_exporter's text files and the
 * Pushgateway refuse.
 */
export function metricsWithoutTimes(trials: readonly TrialRecord[]): string {
  return openMetrics(trials)
    .replace(/^# (UNIT .*|EOF)\n/gm, '')
    .replace(/^(# TYPE \S+) stateset$/gm, '$1 gauge')
    .replace(/^([^#\n].*) \S+$/gm, '$1');
}

function labels(trial: TrialRecord): string {
  const { id, verdict } = trial;
  const pairs: readonly (readonly [string, string])[] = [
    ['scenario', verdict.scenario],
    ['trial', id],
    ...environmentOf(trial).map(([name, value]) => [name.replaceAll(' ', '_'), value] as const),
    ['control', String(verdict.control)],
  ];
  return pairs
    .map(
      ([name, value]) =>
        `${name}="${value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')}"`,
    )
    .join(',');
}

function secondsOf(duration: Duration): number | undefined {
  if (duration.kind === 'measured') return duration.ms / 1000;
  return duration.kind === 'no-impact' ? 0 : undefined;
}

function endOf({ entries }: TrialRecord): string {
  return ((entries.at(-1)?.wallMs ?? 0) / 1000).toFixed(3);
}
