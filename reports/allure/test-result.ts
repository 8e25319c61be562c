import {
  Stage,
  Status,
  type Attachment,
  type Label,
  type Parameter,
  type StepResult,
  type TestResult,
} from 'allure-js-commons';
import type { Verdict } from '../../harness/core/verdict.ts';
import { environmentOf } from '../facts/environment.ts';
import { seedsOf } from '../facts/seeds.ts';
import { describeDuration } from '../facts/wording.ts';
import { startOf, type TrialRecord } from '../facts/trial-record.ts';
import { faultSteps, findingSteps, OURS, recoverySteps, STATUSES, step } from './steps.ts';

/** The step that keeps what Playwright recorded of the scenario. */
const SCENARIO = `${OURS}scenario`;

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
    testCaseId: testCaseId(trial),
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

function statusOf(verdict: Verdict): Status {
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

/** A trial's name is that of its scenario, so that jobs whose results are merged differ by their run alone. */
export function resultName({ id, verdict }: TrialRecord): string {
  return `${OURS}${verdict.runId}-${id}`;
}

function emptyResult(trial: TrialRecord): TestResult {
  const { verdict, entries } = trial;
  return {
    uuid: resultName(trial),
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

/** What has one history, whoever wrote the result first. */
function testCaseId({ verdict }: TrialRecord): string {
  return `${verdict.scenario}: ${verdict.title}: ${verdict.control ? 'control' : 'trial'}`;
}

/** Allure 2 shows results with one such id as retries of each other; Allure 3 makes its own of test case and parameters. */
function historyId(trial: TrialRecord): string {
  return `${testCaseId(trial)} ${repeatOf(trial)}`;
}

/** Counted from 1; the name of a trial whose journal does not tell. */
function repeatOf({ id, entries }: TrialRecord): string {
  const repeat = startOf(entries)?.repeatIndex;
  return repeat === undefined ? id : String(repeat + 1);
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

/**
 * What is not excluded tells results apart: all others of one test case are shown as retries of the last. Repeats are
 * trials of their own, and so are those of another provider or version; with the seeds the history would never be one.
 */
function parametersOf(trial: TrialRecord): Parameter[] {
  const { verdict } = trial;
  return [
    { name: 'repeat', value: repeatOf(trial) },
    ...seedsOf(verdict).map(([name, value]) => ({ name, value, excluded: true })),
    ...environmentOf(trial).map(([name, value]) => ({ name, value })),
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

/** Our entries take the place of those with the same name. */
function replacing<T extends { readonly name: string }>(kept: readonly T[], ours: readonly T[]): T[] {
  return [...kept.filter((one) => !ours.some((mine) => mine.name === one.name)), ...ours];
}
