import { Stage, Status } from 'allure-js-commons';
import type { Attachment, Label, Parameter, StepResult, TestResult } from 'allure-js-commons';
import type { Verdict } from '../../harness/core/verdict.ts';
import { seedsOf } from '../facts/seeds.ts';
import { describeDuration } from '../facts/wording.ts';
import type { TrialRecord } from '../facts/trial-record.ts';
import { startOf } from '../facts/trial-record.ts';
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

/** The seeds are left out of what tells tests apart, so that the history of a scenario stays one. */
function parametersOf({ verdict, entries }: TrialRecord): Parameter[] {
  const start = startOf(entries);
  return [
    ...seedsOf(verdict).map(([name, value]) => ({ name, value, excluded: true })),
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

/** Our entries take the place of those with the same name. */
function replacing<T extends { readonly name: string }>(kept: readonly T[], ours: readonly T[]): T[] {
  return [...kept.filter((one) => !ours.some((mine) => mine.name === one.name)), ...ours];
}
