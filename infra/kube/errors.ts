import type { ErrorCode } from '../../harness/core/error-codes.ts';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { Status } from './objects.ts';

interface KubeErrorFacts {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** The API's own word for it, e.g. `NotFound`, `AlreadyExists`, `Conflict`; '' where it gave none. */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
  readonly details?: Status['details'] | undefined;
  /** True where the server may have carried the request out although no answer came. */
  readonly maybeApplied?: boolean;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A request that the API server refused, or that never got an answer. */
export class KubeError extends FiredrillError {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** What the server says about the cause: field and message each, e.g. of a conflict or an invalid field. */
  readonly details: Status['details'] | undefined;
  readonly maybeApplied: boolean;

  constructor(code: ErrorCode, message: string, facts: KubeErrorFacts) {
    super(code, message, { hint: facts.hint, cause: facts.cause });
    this.name = 'KubeError';
    this.status = facts.status;
    this.reason = facts.reason;
    this.retryAfterMs = facts.retryAfterMs;
    this.details = facts.details;
    this.maybeApplied = facts.maybeApplied ?? false;
  }
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'kube.bad-request',
  401: 'kube.unauthorized',
  403: 'kube.forbidden',
  404: 'kube.not-found',
  405: 'kube.not-supported',
  409: 'kube.conflict',
  410: 'kube.gone',
  415: 'kube.not-supported',
  422: 'kube.invalid',
  429: 'kube.too-many-requests',
  503: 'kube.unavailable',
  504: 'kube.server-timeout',
};

/** Whom an API server sees that sees no credentials: a right that is given to it is everybody's. */
export const ANONYMOUS = 'system:anonymous';

const CHECK_CREDENTIALS = 'check the token or the client certificate, and whether it has expired';
const HINTS: Readonly<Record<number, string>> = {
  401: CHECK_CREDENTIALS,
  403: 'grant the verb in the ClusterRole or Role of this user',
};

/** The error of an answer with a failure status. `body` is the parsed Status, or the raw text. */
export function refusal(
  verb: string,
  path: string,
  status: number,
  body: Status | string,
  retryAfterMs?: number,
): KubeError {
  const said = typeof body === 'string' ? { message: body.trim().slice(0, 500) } : body;
  const details = 'details' in said ? said.details : undefined;
  const seconds = details?.retryAfterSeconds;
  const text = said.message === undefined || said.message === '' ? '(no message)' : said.message;
  return new KubeError(CODES[status] ?? `kube.http-${status}`, `${verb} ${path}: ${status} ${text}`, {
    status,
    reason: ('reason' in said ? said.reason : undefined) ?? '',
    retryAfterMs: retryAfterMs ?? (seconds === undefined || seconds === 0 ? undefined : seconds * 1000),
    details,
    hint: text.includes(ANONYMOUS) ? CHECK_CREDENTIALS : HINTS[status],
  });
}

export function isKubeError(thrown: unknown): thrown is KubeError {
  return thrown instanceof KubeError;
}
/** 404. */
export function isNotFound(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && thrown.status === 404;
}
/** 409 of any reason: a stale resourceVersion, a failed precondition, a field owned by someone else, or already exists. */
export function isConflict(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && thrown.status === 409;
}
/** 409 because the name is taken. */
export function isAlreadyExists(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && thrown.status === 409 && thrown.reason === 'AlreadyExists';
}
/** 410: the resourceVersion or the continue token is too old. */
export function isGone(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && thrown.status === 410;
}
/** 403 or 401. */
export function isDenied(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && (thrown.status === 403 || thrown.status === 401);
}
/** 403 for somebody whom the server does not know at all. */
export function isAnonymous(thrown: unknown): boolean {
  return isKubeError(thrown) && thrown.status === 403 && thrown.message.includes(ANONYMOUS);
}
/** No answer came: refused, reset, unreachable or timed out. */
export function isUnreachable(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && thrown.status === 0;
}
/** What a moment later may go well: no answer came, or the server had no time. */
export function isPassing(thrown: unknown): thrown is KubeError {
  return isKubeError(thrown) && [0, 429, 503, 504].includes(thrown.status);
}
/** A watch that must be given up although no server refused it. */
export function watchFailure(kind: string, code: ErrorCode, message: string): KubeError {
  return new KubeError(code, `watch of ${kind}: ${message}`, { status: 0, reason: '' });
}

/** A deletion of something that is gone already counts as done. */
export async function goneIsDone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
