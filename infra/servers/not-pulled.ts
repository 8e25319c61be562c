import { FiredrillError, messageOf } from '../../harness/core/errors.ts';

const CODE = 'servers.not-pulled';

/** An image cannot be had from its registry; anything else that may happen meanwhile is no reason to do without it. */
export function notPulled(why: unknown): FiredrillError {
  return new FiredrillError(CODE, messageOf(why), { cause: why });
}

export function isNotPulled(error: unknown): error is FiredrillError {
  return error instanceof FiredrillError && error.code === CODE;
}

/** The first line of why not: engines go on for long. */
export function whyNotPulled(error: FiredrillError): string {
  // dockerode's own words come before the engine's.
  return (error.message.split('\n')[0] ?? '').replace(/^\(HTTP code \d+\)[^-]* - /, '').trim();
}
