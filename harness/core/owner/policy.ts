import { parse } from 'yaml';
import { z } from 'zod';
import { FiredrillError, messageOf } from '../errors.ts';
import { keyPath } from '../key-path.ts';
import { given } from '../given.ts';

/** In the order of JavaScript's own numbers. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** A time in which nothing may be injected. */
export type FreezeWindow = WeeklyWindow | SpanWindow;

/** Every week again. With `toMinute` before `fromMinute` it ends on the next day. */
export interface WeeklyWindow {
  readonly kind: 'weekly';
  readonly name: string;
  /** Those on which it begins. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight, by the clocks of `timeZone`. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Once. */
interface SpanWindow {
  readonly kind: 'span';
  readonly name: string;
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

/** What ends a trial: an indicator beyond a limit, or an alert that fires. */
export type StopCondition = StopQuery | StopAlert;

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

/** A person whose signature allows a run. */
export interface Approver {
  /** The user as the cluster knows them, so that nobody approves what they run themselves. */
  readonly user: string;
  /** Ed25519 public key, SPKI DER in base64. */
  readonly key: string;
}

/** What a cluster's owner asks of everybody who drills there. */
export interface DrillPolicy {
  readonly freeze: readonly FreezeWindow[];
  readonly stop: readonly StopCondition[];
  /** Where the stop conditions are read, `NAMESPACE/SERVICE:PORT`; absent: the Prometheus that the trial uses. */
  readonly prometheus?: { readonly namespace: string; readonly name: string; readonly port: number };
  /** Absent: nobody else has to agree. */
  readonly approvers?: readonly Approver[];
}

const CLOCK_TIME = /^([01]\d|2[0-3]):([0-5]\d)$|^24:00$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})$/;
const SERVICE = /^([a-z0-9-]+)\/([a-z0-9.-]+)(?::(\d+))?$/;

const name = z.string({ error: 'a name is wanted: refusals say it' }).min(1);
const clockTime = z
  .string()
  .regex(CLOCK_TIME, { error: 'a time such as "08:00" is wanted' })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const instant = z
  .string()
  .regex(INSTANT, { error: 'an instant with its offset is wanted, e.g. 2026-12-20T00:00+01:00' })
  .transform((text) => Date.parse(text))
  .refine((wallMs) => Number.isFinite(wallMs), { error: 'there is no such instant' });
const timeZone = z
  .string({ error: 'a time zone is wanted, e.g. Europe/Berlin' })
  .refine(isTimeZone, { error: 'there is no such time zone; an IANA name is wanted, e.g. Europe/Berlin' });

const weekly = z
  .strictObject({
    name,
    days: z.array(z.enum(WEEKDAYS, { error: `one of ${WEEKDAYS.join(', ')} is wanted` })).min(1),
    from: clockTime,
    to: clockTime,
    timeZone,
  })
  .refine(({ from, to }) => from !== to, { error: 'from and to are the same', path: ['to'] })
  .transform(({ from, to, ...rest }): WeeklyWindow => ({
    kind: 'weekly',
    ...rest,
    fromMinute: from,
    toMinute: to,
  }));
const span = z
  .strictObject({ name, from: instant, to: instant })
  .refine(({ from, to }) => from < to, { error: 'it ends before it begins', path: ['to'] })
  .transform(({ from, to, name: label }): SpanWindow => ({
    kind: 'span',
    name: label,
    fromWallMs: from,
    toWallMs: to,
  }));
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
  .transform(({ name: label, query: text, above, below }): StopQuery => ({
    kind: 'query',
    name: label,
    query: text,
    ...given({ above, below }),
  }));
const alert = z
  .strictObject({ alert: z.string().min(1) })
  .transform(({ alert: label }): StopAlert => ({ kind: 'alert', name: label }));
const service = z
  .string()
  .regex(SERVICE, { error: 'NAMESPACE/SERVICE or NAMESPACE/SERVICE:PORT is wanted' })
  .transform((text) => {
    const [, namespace = '', found = '', port = '9090'] = SERVICE.exec(text) ?? [];
    return { namespace, name: found, port: Number(port) };
  });
const approver = z.strictObject({
  user: z.string({ error: 'the user as the cluster knows them is wanted (kubectl auth whoami)' }).min(1),
  key: z.string().regex(/^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/, {
    error: 'an Ed25519 public key is wanted, as firedrill approve --new-key prints it',
  }),
});

/** Which of two shapes is meant is told by one key, so that what is wrong with it can be told, too. */
const either = <A extends z.ZodType, B extends z.ZodType>(key: string, withKey: A, without: B) =>
  z.unknown().transform((value, context): z.output<A> | z.output<B> => {
    const isObject = typeof value === 'object' && value !== null;
    const result = (isObject && key in value ? withKey : without).safeParse(value);
    if (result.success) return result.data;
    for (const { message, path } of result.error.issues)
      context.addIssue({ code: 'custom', message, path: [...path] });
    return z.NEVER;
  });

const POLICY = z.strictObject({
  freeze: z.array(either('days', weekly, span)).default([]),
  stop: z.array(either('alert', alert, query)).default([]),
  prometheus: service.optional(),
  approvers: z
    .array(approver)
    .min(1, { error: 'with nobody in it nothing could ever be approved' })
    .optional(),
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
  const { freeze, stop, prometheus, approvers } = result.data;
  return {
    freeze,
    stop,
    ...given({ prometheus, approvers }),
  };
}

function malformed(problems: readonly string[], cause?: unknown): FiredrillError {
  return new FiredrillError('policy.malformed', `the policy is not understood: ${problems.join('; ')}`, {
    userError: true,
    cause,
    hint: 'the keys are freeze, stop, prometheus and approvers; the README of infra/borrowed shows them',
  });
}

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    // A RangeError is how it is told that there is none.
    return false;
  }
}
