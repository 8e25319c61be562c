import { formatDuration } from '../core/duration.ts';
import type { InjectionFacts } from '../core/recovery/trial-facts.ts';
import type { Finding } from '../core/verdict.ts';
import { held, inconclusive, type Check } from './check.ts';

/** Every fault that was asked for hit something, was proven from outside the injector, and was undone. */
export const checkFaults: Check = {
  name: 'fault',
  run: ({ injections, ended }) =>
    injections.flatMap((injection) => [...bite(injection, ended?.error), ...undoing(injection)]),
};

function bite(injection: InjectionFacts, error: string | undefined): Finding[] {
  const { fault, resolved, effective, ineffective } = injection;
  if (resolved === undefined) {
    const why = error === undefined ? '' : `: ${error}`;
    return [inconclusive('fault', `${fault.kind} never found its targets${why}`)];
  }
  if (resolved.targets.length === 0) return [inconclusive('fault', `${fault.kind} matched no target`)];
  const names = resolved.targets.map((target) => target.name).join(', ');
  if (ineffective !== undefined) {
    const waited = formatDuration(ineffective.waitedMs);
    return [
      inconclusive(
        'fault',
        `${fault.kind} on ${names} did not bite within ${waited}; last seen: ${ineffective.lastSeen}`,
      ),
    ];
  }
  if (effective === undefined)
    return [inconclusive('fault', `${fault.kind} on ${names} was never shown to take effect`)];
  if (effective.observer === 'injector') {
    return [
      inconclusive('fault', `${fault.kind} on ${names} has no other proof than the injector's own word`),
    ];
  }
  if (resolved.podsHit === 0) {
    const reason =
      resolved.podsTotal === 0
        ? `${fault.kind} on ${names} could hit nobody: the workload had no pods`
        : `${fault.kind} on ${names} hit none of the workload's ${resolved.podsTotal} pods`;
    return [inconclusive('fault', reason)];
  }
  return [held('fault', `${fault.kind} on ${names}: ${effective.observation}`)];
}

function undoing({ fault, effective, reverted }: InjectionFacts): Finding[] {
  if (reverted?.ok === true) return [];
  if (reverted !== undefined)
    return [inconclusive('revert', `${fault.kind} was not undone: ${reverted.observation}`)];
  return effective === undefined ? [] : [inconclusive('revert', `${fault.kind} was never undone`)];
}
