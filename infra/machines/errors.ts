import type { ErrorCode } from '../../harness/core/error-codes.ts';
import { FiredrillError } from '../../harness/core/errors.ts';

/** The machine interface refused, or did not answer. */
export class MachineError extends FiredrillError {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    facts: {
      readonly status: number;
      readonly retryAfterMs?: number;
      readonly hint?: string;
      readonly cause?: unknown;
    },
  ) {
    super(code, message, { hint: facts.hint, cause: facts.cause });
    this.name = 'MachineError';
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
