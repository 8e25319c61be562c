import { Stage, Status, type Parameter, type StepResult } from 'allure-js-commons';
import { readInjections } from '../../harness/core/recovery/trial-facts.ts';
import type { Finding, Mark, Outcome } from '../../harness/core/verdict.ts';
import { given } from '../../harness/core/given.ts';
import { recoveryLimit } from '../facts/claims.ts';
import { userCost } from '../facts/users.ts';
import {
  chosenSeconds,
  describeDuration,
  describeFault,
  findMark,
  offsetBracket,
  offsetSeconds,
  percent,
} from '../facts/wording.ts';
import type { TrialRecord } from '../facts/trial-record.ts';
import { largest } from '../../harness/core/extremes.ts';

/** Steps with such an id are ours: they are made anew each time, all others are kept. */
export const OURS = 'firedrill-';
export const STATUSES: Readonly<Record<Outcome, Status>> = {
  held: Status.PASSED,
  violated: Status.FAILED,
  inconclusive: Status.BROKEN,
};

/** A step per injection, from its request to the proof of its effect. */
export function faultSteps({ entries }: TrialRecord): StepResult[] {
  return readInjections(entries).map((injection) => {
    const { id, requestedMonoMs, requestedWallMs, effective: bite, ineffective: miss } = injection;
    const proof = bite
      ? `effective ${offsetSeconds(bite.effectiveMonoMs - requestedMonoMs)}, seen by ${bite.observer}: ${bite.observation}`
      : `not seen to take effect${miss ? `: ${miss.lastSeen}` : ''}`;
    return step(`Fault: ${describeFault(injection)}, ${proof}`, {
      id: `fault-${id}`,
      status: bite ? Status.PASSED : Status.BROKEN,
      from: requestedWallMs,
      to: bite?.effectiveWallMs ?? miss?.wallMs ?? requestedWallMs,
    });
  });
}

/** The marks after the effective fault, and what it cost the users. */
export function recoverySteps(trial: TrialRecord): StepResult[] {
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
        to: largest(
          after.map((mark) => mark.wallMs),
          zero.wallMs,
        ),
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
  return step(
    `${mark.name} ${offsetBracket(mark, mark.monoMs - zero.monoMs)}, seen by ${mark.seenBy}${detail}`,
    {
      id: `mark-${mark.name}`,
      status,
      from: zero.wallMs,
      to: zero.wallMs + mark.monoMs - zero.monoMs,
    },
  );
}

/** A step per finding, with its figures and a status of its own. */
export function findingSteps({ verdict, entries }: TrialRecord): StepResult[] {
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

export function step(
  name: string,
  { id, status, from, to, message, steps, parameters }: StepFacts,
): StepResult {
  return {
    uuid: `${OURS}${id}`,
    name,
    status,
    stage: Stage.FINISHED,
    statusDetails: given({ message }),
    steps: steps ?? [],
    attachments: [],
    parameters: parameters ?? [],
    start: Math.round(from),
    stop: Math.round(Math.max(from, to)),
  };
}
