import { Stage, Status } from 'allure-js-commons';
import type { Attachment, Label, Parameter, StepResult, TestResult } from 'allure-js-commons';
import { entriesOf } from '../../harness/core/journal.ts';
import type { Finding, Mark, Outcome, Verdict } from '../../harness/core/verdict.ts';
import { recoveryLimit } from '../facts/claims.ts';
import { userCost } from '../facts/users.ts';
import {
  chosenSeconds,
  describeDuration,
  describeFault,
  findMark,
  offsetSeconds,
  percent,
  plusMinus,
} from '../facts/wording.ts';
import type { TrialRecord } from '../trial-record.ts';
import { startOf } from '../trial-record.ts';

/** Steps with such an id are ours: they are made anew each time, all others are kept. */
const OURS = 'firedrill-';
/** The step that keeps what Playwright recorded of the scenario. */
const SCENARIO = `${OURS}scenario`;

const STATUSES: Readonly<Record<Outcome, Status>> = {
  held: Status.PASSED,
  violated: Status.FAILED,
  inconclusive: Status.BROKEN,
};

/**
 * The Allure result of a trial. What Playwright's reporter wrote of it is kept under the step "Scenario"; the status
 * is the verdict's: inconclusive is `broken`, and a control that came out as expected has passed.
 */
export function allureResult(
  trial: TrialRecord,
  written: TestResult | undefined,
  attachments: readonly Attachment[],
): TestResult {
  const { verdict } = trial;
  const recorded = written ?? emptyResult(trial);
  return {
    ...recorded,
    historyId: historyId(trial),
    status: statusOf(verdict),
    stage: Stage.FINISHED,
    statusDetails: { ...(verdict.asExpected ? {} : recorded.statusDetails), message: reasonOf(verdict) },
    steps: [...faultSteps(trial), ...recoverySteps(trial), ...findingSteps(trial), ...scenarioStep(recorded)],
    attachments: [
      ...attachments,
      ...recorded.attachments.filter((one) => !attachments.some((mine) => mine.source === one.source)),
    ],
    parameters: replacing(recorded.parameters, parametersOf(trial)),
    labels: replacing(recorded.labels, labelsOf(trial)),
  };
}

export function statusOf(verdict: Verdict): Status {
  if (verdict.asExpected) return Status.PASSED;
  return verdict.outcome === 'held' ? Status.FAILED : STATUSES[verdict.outcome];
}

function reasonOf(verdict: Verdict): string {
  if (verdict.asExpected && verdict.outcome !== 'held')
    return `${verdict.outcome}, as expected: ${verdict.reason}`;
  return verdict.asExpected
    ? verdict.reason
    : `${verdict.outcome}, expected ${verdict.expected}: ${verdict.reason}`;
}

function emptyResult({ id, verdict, entries }: TrialRecord): TestResult {
  return {
    uuid: `${OURS}${id}`,
    name: verdict.title,
    fullName: `${verdict.scenario}: ${verdict.title}`,
    statusDetails: {},
    stage: Stage.INTERRUPTED,
    steps: [],
    attachments: [],
    parameters: [],
    labels: [],
    links: [],
    start: Math.round(entries[0]?.wallMs ?? 0),
    stop: Math.round(entries.at(-1)?.wallMs ?? 0),
  };
}

/** Results with one such id are shown as retries of each other; repeats are trials of their own. */
function historyId({ id, verdict, entries }: TrialRecord): string {
  const repeat = startOf(entries)?.repeatIndex;
  return `${verdict.scenario}: ${verdict.title}: ${verdict.control ? 'control' : 'trial'} ${repeat ?? id}`;
}

function faultSteps({ entries }: TrialRecord): StepResult[] {
  return entriesOf(entries, 'fault.requested').map((requested) => {
    const mine = (one: { readonly injectionId: string }): boolean =>
      one.injectionId === requested.injectionId;
    const bite = entriesOf(entries, 'fault.effective').find(mine);
    const miss = entriesOf(entries, 'fault.ineffective').find(mine);
    const resolved = entriesOf(entries, 'fault.resolved').find(mine);
    const proof = bite
      ? `effective ${offsetSeconds(bite.effectiveMonoMs - requested.monoMs)}, seen by ${bite.observer}: ${bite.observation}`
      : `not seen to take effect${miss ? `: ${miss.lastSeen}` : ''}`;
    return step(
      `Fault: ${describeFault(requested.fault, resolved?.targets ?? [], bite !== undefined)}, ${proof}`,
      {
        id: `fault-${requested.injectionId}`,
        status: bite ? Status.PASSED : Status.BROKEN,
        from: requested.wallMs,
        to: bite?.effectiveWallMs ?? miss?.wallMs ?? requested.wallMs,
      },
    );
  });
}

function recoverySteps(trial: TrialRecord): StepResult[] {
  const { verdict, entries } = trial;
  const zero = findMark(verdict.marks, 'effective');
  if (!zero) return [];
  const limit = recoveryLimit(verdict, entries);
  const after = verdict.marks.filter((mark) => mark.monoMs >= zero.monoMs && mark.name !== 'effective');
  const children = after
    .toSorted((left, right) => left.monoMs - right.monoMs)
    .map((mark) =>
      markStep(mark, zero, mark.name === 'restored' && limit ? STATUSES[limit.outcome] : Status.PASSED),
    );
  const allowed = limit ? `, allowed ${chosenSeconds(limit.withinMs)}` : '';
  const users = userCost(verdict, entries);
  return [
    step(
      `Recovery: users ${describeDuration(verdict.recovery)}${allowed}; capacity ${describeDuration(verdict.capacity)}`,
      {
        id: 'recovery',
        status: limit ? STATUSES[limit.outcome] : Status.PASSED,
        from: zero.wallMs,
        to: Math.max(zero.wallMs, ...after.map((mark) => mark.wallMs)),
        steps: children,
      },
    ),
    ...(users
      ? [
          step(
            `Users: ${users.failed} of ${users.total} requests failed${users.budgetShare === undefined ? '' : `, ${percent(users.budgetShare)} of the 30-day error budget`}`,
            { id: 'users', status: Status.PASSED, from: zero.wallMs, to: zero.wallMs },
          ),
        ]
      : []),
  ];
}

function markStep(mark: Mark, zero: Mark, status: Status): StepResult {
  const detail = mark.detail === undefined ? '' : `: ${mark.detail}`;
  const error = mark.errorMs > 0 ? ` ${plusMinus(mark.errorMs)}` : '';
  return step(
    `${mark.name} ${offsetSeconds(mark.monoMs - zero.monoMs)}${error}, seen by ${mark.seenBy}${detail}`,
    {
      id: `mark-${mark.name}`,
      status,
      from: zero.wallMs,
      to: zero.wallMs + mark.monoMs - zero.monoMs,
    },
  );
}

function findingSteps({ verdict, entries }: TrialRecord): StepResult[] {
  if (verdict.findings.length === 0) return [];
  const at = entries.at(-1)?.wallMs ?? 0;
  const children = verdict.findings.map((finding, index) =>
    step(
      `${finding.outcome}: ${finding.check}${finding.sloId === undefined ? '' : ` (${finding.sloId})`}: ${finding.reason}`,
      {
        id: `finding-${index}`,
        status: STATUSES[finding.outcome],
        from: at,
        to: at,
        ...(finding.outcome === 'held' ? {} : { message: finding.reason }),
        parameters: figures(finding),
      },
    ),
  );
  return [
    step('Findings', {
      id: 'findings',
      status: STATUSES[verdict.outcome],
      from: at,
      to: at,
      steps: children,
    }),
  ];
}

function figures(finding: Finding): Parameter[] {
  const unit = finding.unit === undefined ? '' : ` ${finding.unit}`;
  return (['measured', 'allowed'] as const).flatMap((name) => {
    const value = finding[name];
    return value === undefined ? [] : [{ name, value: `${value}${unit}` }];
  });
}

function scenarioStep(recorded: TestResult): StepResult[] {
  const kept = recorded.steps.find((one) => one.uuid === SCENARIO);
  if (kept) return [kept];
  const steps = recorded.steps.filter((one) => one.uuid?.startsWith(OURS) !== true);
  if (steps.length === 0) return [];
  return [
    {
      ...step('Scenario', {
        id: 'scenario',
        status: recorded.status ?? Status.PASSED,
        from: recorded.start ?? 0,
        to: recorded.stop ?? 0,
      }),
      steps,
    },
  ];
}

interface StepFacts {
  readonly id: string;
  readonly status: Status;
  /** Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly message?: string;
  readonly steps?: StepResult[];
  readonly parameters?: Parameter[];
}

function step(name: string, { id, status, from, to, message, steps, parameters }: StepFacts): StepResult {
  return {
    uuid: `${OURS}${id}`,
    name,
    status,
    stage: Stage.FINISHED,
    statusDetails: message === undefined ? {} : { message },
    steps: steps ?? [],
    attachments: [],
    parameters: parameters ?? [],
    start: Math.round(from),
    stop: Math.round(Math.max(from, to)),
  };
}

/** The seed is left out of what tells tests apart, so that the history of a scenario stays one. */
function parametersOf({ verdict, entries }: TrialRecord): Parameter[] {
  const start = startOf(entries);
  return [
    { name: 'seed', value: String(verdict.seed), excluded: true },
    { name: 'provider', value: verdict.cluster.provider },
    { name: 'kubernetes', value: verdict.cluster.kubernetesVersion, excluded: true },
    { name: 'machine interface', value: start?.cluster.machineProfile ?? 'not known' },
    { name: 'recovery', value: describeDuration(verdict.recovery), excluded: true },
    { name: 'capacity', value: describeDuration(verdict.capacity), excluded: true },
    { name: 'again', value: verdict.again, excluded: true },
  ];
}

function labelsOf({ id, verdict }: TrialRecord): Label[] {
  return [
    { name: 'epic', value: 'Resilience' },
    { name: 'feature', value: verdict.scenario },
    { name: 'story', value: verdict.title },
    { name: 'suite', value: verdict.scenario },
    { name: 'framework', value: 'firedrill' },
    { name: 'trial', value: id },
    { name: 'verdict', value: verdict.outcome },
    ...(verdict.control ? [{ name: 'tag', value: 'control' }] : []),
  ];
}

/** Ours take the place of those with the same name. */
function replacing<T extends { readonly name: string }>(kept: readonly T[], ours: readonly T[]): T[] {
  return [...kept.filter((one) => !ours.some((mine) => mine.name === one.name)), ...ours];
}
