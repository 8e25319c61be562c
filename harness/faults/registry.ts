import { FiredrillError } from '../core/errors.ts';
import { checkFault } from '../core/faults/check-fault.ts';
import type { Fault } from '../core/faults/fault.ts';
import * as builders from './builders.ts';
import type { Injector } from './injector.ts';

/** Every kind of fault that can be injected. */
export const INJECTORS: readonly Injector[] = Object.values(builders).map(({ injector }) => injector);

/**
 * The injector of a fault whose data is sound.
 *
 * @throws FiredrillError `fault.unknown-kind`, `fault.malformed`
 */
export function injectorFor(fault: Fault): Injector {
  checkFault(fault);
  const injector = INJECTORS.find(({ kind }) => kind === fault.kind);
  if (injector === undefined)
    throw new FiredrillError(
      'fault.no-injector',
      `${fault.kind} is in the catalogue, and nobody can inject it`,
    );
  return injector;
}
