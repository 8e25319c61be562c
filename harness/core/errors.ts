import { channel } from 'node:diagnostics_channel';
import { asTyped } from './installation.ts';
import { tameLines } from './plain-text.ts';
import { isUserError, type ErrorCode } from './error-codes.ts';

/** Each of our errors as it is made: a test runner hands on the message of what a scenario throws, and nothing else of it. */
export const MADE_ERRORS = channel('firedrill:error');

/** The facts of an error besides its message. */
interface FiredrillErrorFacts {
  /** The next step for the person who reads it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Where it does not follow from the code: true where the input or the environment is at fault, false for a defect or an outage. */
  readonly userError?: boolean;
}

/**
 * The base of every error that Firedrill throws on purpose.
 *
 * `code` is stable: a group and a word of it (`toolchain.checksum-mismatch`).
 * The message says what, where and which number; the hint says what to do next.
 */
export class FiredrillError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** The input or the environment is at fault: exit code 64. */
  readonly userError: boolean;

  constructor(code: ErrorCode, message: string, facts: FiredrillErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'FiredrillError';
    this.code = code;
    this.hint = facts.hint;
    this.userError = facts.userError ?? isUserError(code);
    MADE_ERRORS.publish(this);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  // Of a connection that was tried to several addresses Node says nothing but what each of them has said.
  if (thrown instanceof AggregateError && thrown.message === '')
    return thrown.errors.map((each) => messageOf(each)).join('; ');
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Several lines for a terminal: code, message, the chain of causes, each said once, and the hint last. */
export function describeError(thrown: unknown): string {
  const lines: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; current !== undefined && depth < 8; depth++) {
    const code = current instanceof FiredrillError ? `[${current.code}] ` : '';
    const message = messageOf(current);
    // A message may hold its cause's already.
    if (code !== '' || lines.at(-1)?.includes(message) !== true)
      lines.push(`${depth === 0 ? '' : '  because: '}${code}${message}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  if (thrown instanceof FiredrillError && thrown.hint !== undefined)
    lines.push(`  next: ${asTyped(thrown.hint)}`);
  return tameLines(lines.join('\n'));
}
