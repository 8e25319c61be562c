import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { FiredrillError, messageOf } from '../errors.ts';
import { isRecord } from '../is-record.ts';
import { keyPath } from '../key-path.ts';
import { readWindow, type CalendarWindow } from './calendar.ts';
import { given } from '../given.ts';
import { parseServiceRef, SERVICE_REF } from '../service-ref.ts';
import { mistakeIn } from '../slo/promql-mistake.ts';
import { readTree } from '../slo/promql-tree.ts';
import type { PromqlProblem } from '../slo/promql-types.ts';
import { noWayOut } from '../slo/promql-vacuity.ts';
import { showProblem } from '../slo/promql.ts';

/** What ends a trial: an indicator beyond a limit, an alert that fires, or a freeze window that is about to open. */
export type StopCondition = StopQuery | StopAlert | StopFreeze;

interface StopQuery {
  readonly kind: 'query';
  readonly name: string;
  readonly query: string;
  /** One of the two: it holds when any value of the answer lies there. */
  readonly above?: number;
  readonly below?: number;
}

interface StopAlert {
  readonly kind: 'alert';
  /** Name of the alerting rule. */
  readonly name: string;
}

interface StopFreeze {
  readonly kind: 'freeze';
  readonly name: string;
  readonly window: CalendarWindow;
}

/** A person whose signature allows a run. */
export interface Approver {
  /** The user as the cluster knows them, so that nobody approves what they run themselves. */
  readonly user: string;
  /** Ed25519 public key, SPKI DER in base64. */
  readonly key: string;
}

/** What an approval is good for, as the owner has it. */
export interface ApprovalLimits {
  /** Number of runs. */
  readonly uses: number;
  /** From when it was given. */
  readonly longestMs: number;
}

/** Where the owner says nothing else. */
export const USUAL_APPROVALS: ApprovalLimits = { uses: 1, longestMs: 86_400_000 };

/** What a cluster's owner asks of everybody who drills there. */
export interface DrillPolicy {
  /** Times in which nothing may be injected. */
  readonly freeze: readonly CalendarWindow[];
  readonly stop: readonly StopCondition[];
  /** Where the stop conditions are read, `NAMESPACE/SERVICE:PORT`; absent: the Prometheus that the trial uses. */
  readonly prometheus?: { readonly namespace: string; readonly name: string; readonly port: number };
  /** Absent: nobody else has to agree. */
  readonly approvers?: readonly Approver[];
  /** Absent: `USUAL_APPROVALS`. */
  readonly approvals?: ApprovalLimits;
}

/** Everything of a policy that ends a trial which is under way. */
export function stopConditionsOf({ stop, freeze }: DrillPolicy): readonly StopCondition[] {
  const windows = freeze.map((window): StopFreeze => {
    return { kind: 'freeze', name: `freeze window ${window.name}`, window };
  });
  return [...stop, ...windows];
}

const name = z.string({ error: 'a name is wanted: refusals say it' }).min(1);
const freezeWindow = z.unknown().transform((value, context): CalendarWindow => {
  const read = readWindow(value);
  if ('window' in read) return read.window;
  for (const { message, key } of read.problems) context.addIssue({ code: 'custom', message, path: [...key] });
  return z.NEVER;
});
const query = z
  .strictObject({
    name,
    query: z.string().min(1),
    above: z.number().optional(),
    below: z.number().optional(),
  })
  .refine(({ above, below }) => (above === undefined) !== (below === undefined), {
    error:
      'either above or below is wanted: without a limit a query that has no data would look like one that holds',
    path: ['above'],
  })
  .transform(({ name: label, query: text, above, below }, context): StopQuery => {
    const problem = mistakeIn(text) ?? neverHolds(text, above, below);
    if (problem !== undefined)
      context.addIssue({ code: 'custom', message: showProblem(text, problem), path: ['query'] });
    return { kind: 'query', name: label, query: text, ...given({ above, below }) };
  });

/** A condition that no series could ever make true protects nobody. */
function neverHolds(text: string, above: number | undefined, below = 0): PromqlProblem | undefined {
  return noWayOut(readTree(text), above === undefined ? { atLeast: below } : { atMost: above });
}
const alert = z
  .strictObject({ alert: z.string().min(1) })
  .transform(({ alert: label }): StopAlert => ({ kind: 'alert', name: label }));
const service = z.string().transform((text, context) => {
  const found = parseServiceRef(text, 9090);
  if (found !== undefined) return found;
  context.addIssue({ code: 'custom', message: `${SERVICE_REF} is wanted` });
  return z.NEVER;
});
const approver = z.strictObject({
  user: z.string({ error: 'the user as the cluster knows them is wanted (kubectl auth whoami)' }).min(1),
  key: z.string().regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/, {
    error: 'an Ed25519 public key is wanted, as firedrill approve --new-key prints it',
  }),
});

const approvals = z
  .strictObject({
    uses: z.int({ error: 'a number of runs is wanted' }).min(1).default(USUAL_APPROVALS.uses),
    longest: z.string({ error: 'a duration is wanted, e.g. 24h' }).optional(),
  })
  .transform(({ uses, longest }, context): ApprovalLimits => {
    try {
      const longestMs = longest === undefined ? USUAL_APPROVALS.longestMs : parseDuration(longest, 'longest');
      return { uses, longestMs };
    } catch (error) {
      context.addIssue({ code: 'custom', message: messageOf(error) });
      return z.NEVER;
    }
  });

/** Which of the two is meant is told by the key `alert`, so that what is wrong with it can be told, too. */
const stopCondition = z.unknown().transform((value, context): StopCondition => {
  const result = (isRecord(value) && 'alert' in value ? alert : query).safeParse(value);
  if (result.success) return result.data;
  for (const { message, path } of result.error.issues)
    context.addIssue({ code: 'custom', message, path: [...path] });
  return z.NEVER;
});

const POLICY = z.strictObject({
  freeze: z.array(freezeWindow).default([]),
  stop: z.array(stopCondition).default([]),
  prometheus: service.optional(),
  approvers: z
    .array(approver)
    .min(1, { error: 'with nobody in it nothing could ever be approved' })
    .optional(),
  approvals: approvals.optional(),
});

/**
 * Reads a policy in YAML.
 * @throws FiredrillError `policy.malformed` with every problem: what is not understood could be the very rule that matters.
 */
export function parsePolicy(text: string): DrillPolicy {
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (cause) {
    throw malformed([messageOf(cause)], cause);
  }
  const result = POLICY.safeParse(value);
  if (!result.success)
    throw malformed(
      result.error.issues.map(({ path, message }) => `${keyPath(path) || 'policy'}: ${message}`),
    );
  const { freeze, stop, prometheus, approvers, approvals: limits } = result.data;
  return {
    freeze,
    stop,
    ...given({ prometheus, approvers, approvals: limits }),
  };
}

function malformed(problems: readonly string[], cause?: unknown): FiredrillError {
  return new FiredrillError('policy.malformed', `the policy is not understood: ${problems.join('; ')}`, {
    cause,
    hint: 'the keys are freeze, stop, prometheus, approvers and approvals; the README of infra/borrowed shows them',
  });
}
