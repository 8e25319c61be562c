import { FiredrillError } from '../core/errors.ts';
import type { Fault } from '../core/faults/fault.ts';
import type { Injector } from './injector.ts';
import { nodeCableOutInjector } from './node-cable-out.ts';
import { nodeFreezeInjector } from './node-freeze.ts';
import { nodePowerOffInjector } from './node-power-off.ts';
import { podKillInjector } from './pod-kill.ts';

/** Every kind of fault that can be injected. */
export const INJECTORS: readonly Injector[] = [
  nodePowerOffInjector,
  nodeFreezeInjector,
  nodeCableOutInjector,
  podKillInjector,
];

/**
 * The injector of a fault whose data is sound.
 *
 * @throws FiredrillError `fault.unknown-kind`, or `fault.malformed` with every problem and its key path.
 */
export function injectorFor(fault: Fault): Injector {
  const injector = INJECTORS.find((candidate) => candidate.kind === fault.kind);
  if (injector === undefined)
    throw new FiredrillError('fault.unknown-kind', `there is no fault "${fault.kind}"`, {
      hint: `known are ${INJECTORS.map((known) => known.kind).join(', ')}`,
      userError: true,
    });
  const problems = injector.problems(fault);
  if (problems.length > 0) {
    const lines = problems.map((problem) => `  ${problem.key}: ${problem.message}`).join('\n');
    throw new FiredrillError('fault.malformed', `the fault ${fault.kind} is malformed:\n${lines}`, {
      userError: true,
    });
  }
  return injector;
}
