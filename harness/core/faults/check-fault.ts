import { z } from 'zod';
import { FiredrillError, messageOf } from '../errors.ts';
import { keyPath } from '../key-path.ts';
import { parseSelector } from '../selectors.ts';
import { rowOf } from './catalogue.ts';
import type { Fault } from './fault.ts';
import { GUARD_RULES } from './guard-rules.ts';

/** A thing that is wrong with a fault's data: which key, and what is expected. */
interface Problem {
  /** As a scenario writes it, e.g. `node.mode.fixed`. */
  readonly key: string;
  readonly message: string;
}

/** An object that knows its keys, and says them where it is given another. */
const strict = (shape: z.ZodRawShape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `unknown; known are ${Object.keys(shape).join(', ')}` : undefined,
  });

const text = (error: string) => z.string({ error }).regex(/\S/, { error });
const selector = text('expected a label selector such as app=storefront').superRefine((value, context) => {
  try {
    parseSelector(value);
  } catch (error) {
    context.addIssue(messageOf(error));
  }
});

// A refinement, so that a union tells what is wrong within the one choice that is meant.
const whole = (most: number) => {
  const error = `expected a whole number from 1${most === Infinity ? ' on' : ` to ${most}`}`;
  return z
    .number({ error })
    .refine((value) => Number.isInteger(value) && value >= 1 && value <= most, { error });
};
const mode = z.union(
  [
    z.enum(['one', 'all']),
    strict({ fixed: whole(Infinity) }),
    strict({ fixedPercent: whole(100) }),
    strict({ randomMaxPercent: whole(100) }),
  ],
  { error: "expected 'one', 'all', { fixed: N }, { fixedPercent: 1-100 } or { randomMaxPercent: 1-100 }" },
);

const NAMES = 'expected a list of node names with at least one name';
const TARGETS = {
  node: strict({
    hosting: selector.optional(),
    sparing: selector.optional(),
    labels: selector.optional(),
    names: z.array(text(NAMES), { error: NAMES }).min(1, { error: NAMES }).optional(),
    healerLeader: z.boolean({ error: 'expected true or false' }).optional(),
    mode,
  }).refine(({ hosting, labels, names }) => [hosting, labels, names].some((one) => one !== undefined), {
    error: 'expected `hosting`, `labels` or `names`: no selector would match every node',
    when: () => true,
  }),
  pod: strict({ namespace: text('expected the name of a namespace').optional(), labels: selector, mode }),
};

const ALLOW = z
  .array(z.enum(GUARD_RULES, { error: `expected one of: ${GUARD_RULES.join(', ')}` }), {
    error: `expected a list of: ${GUARD_RULES.join(', ')}`,
  })
  .optional();

const ABOVE_ZERO = 'expected a duration above zero, e.g. 30s';

/** Everything that is wrong with a fault's data, all at once. */
export function faultProblems(fault: Fault): readonly Problem[] {
  const { hits, lasts, parameters } = rowOf(fault.kind);
  const { kind, ...target } = fault.target;
  if (kind !== hits) return [{ key: 'target.kind', message: `${fault.kind} hits ${hits}s, not a ${kind}` }];
  const schema = strict({
    [hits]: TARGETS[hits],
    duration:
      lasts === 'timed'
        ? z.number({ error: ABOVE_ZERO }).positive({ error: ABOVE_ZERO }).optional()
        : z.never({ error: `${fault.kind} is permanent and takes no duration` }).optional(),
    allow: ALLOW,
    ...parameters,
  });
  const { error } = schema.safeParse({ [kind]: target, duration: fault.durationMs, ...fault.options });
  return (error?.issues ?? []).flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [key]) : [[]];
    return keys.map((key) => ({ key: keyPath([...issue.path, ...key]), message: issue.message }));
  });
}

/** @throws FiredrillError `fault.unknown-kind`, or `fault.malformed` with every problem and its key path. */
export function checkFault(fault: Fault): void {
  const problems = faultProblems(fault);
  if (problems.length === 0) return;
  const lines = problems.map(({ key, message }) => `  ${key}: ${message}`).join('\n');
  throw new FiredrillError('fault.malformed', `the fault ${fault.kind} is malformed:\n${lines}`);
}
