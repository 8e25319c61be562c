import { FiredrillError } from '../../harness/core/errors.ts';
import { isKubeError } from '../../infra/kube/errors.ts';
import type { KubeObject } from '../../infra/kube/objects.ts';
import type { Stored } from './objects.ts';

const REQUEST_TIMEOUT_MS = 2000;

/** A precondition failed: somebody changed the object in between. */
export class ConflictError extends FiredrillError {
  constructor(message: string, cause?: unknown) {
    super('healer.conflict', message, { cause });
    this.name = 'ConflictError';
  }
}

/** Options of one request. */
export function call(signal: AbortSignal): { readonly signal: AbortSignal; readonly timeoutMs: number } {
  return { signal, timeoutMs: REQUEST_TIMEOUT_MS };
}

/** Options of a list that may be as old as the server's cache: good for counting, not for acting. */
export function cachedCall(signal: AbortSignal) {
  return { ...call(signal), resourceVersion: '0' };
}

/** The object, which as the server stores it always has these three; the generated types leave them open. */
export function complete<T extends KubeObject>(object: T): Stored<T> {
  const { name, uid, resourceVersion } = object.metadata ?? {};
  if (name === undefined || uid === undefined || resourceVersion === undefined) {
    throw new FiredrillError(
      'healer.incomplete-object',
      'the API server sent an object without name, uid or resourceVersion',
    );
  }
  return object as Stored<T>;
}

/** Checks an object that may not be there. */
export function completeIfFound<T extends KubeObject>(object: T | undefined): Stored<T> | undefined {
  return object === undefined ? undefined : complete(object);
}

/**
 * 409 and the 422 of a failed JSON Patch test mean the same: the object is not what it was. An admission that denies for good
 * says 422 as well.
 *
 * @param isChanged Whether the object is not what it was, asked after a 422
 * @throws ConflictError for both
 */
export async function conflicts<T>(
  what: string,
  write: Promise<T>,
  isChanged: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isKubeError(error) && (error.status === 409 || (error.status === 422 && (await isChanged())))) {
      throw new ConflictError(`${what} changed in between`, error);
    }
    throw error;
  }
}
