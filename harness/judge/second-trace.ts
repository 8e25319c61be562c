import { findRow } from '../core/faults/catalogue.ts';
import type { ResolvedTarget } from '../core/faults/fault.ts';
import type { FaultTrace } from '../core/faults/fault-row.ts';
import type { Entry } from '../core/journal/journal.ts';
import { healerUserOf } from '../core/recovery/healer-marks.ts';
import type { InjectionFacts, TrialFacts } from '../core/recovery/trial-facts.ts';

/** Whether an entry from the time of the fault is what the fault leaves behind. */
type Shows = (entry: Entry, targets: readonly ResolvedTarget[], healerUser: string | undefined) => boolean;

const TRACES: Readonly<Record<FaultTrace, Shows>> = {
  node: (entry, targets) =>
    entry.kind === 'watch' &&
    entry.object === 'Node' &&
    targets.some(({ name }) => name === entry.name) &&
    (entry.change === 'deleted' || (entry.change === 'modified' && entry.facts['ready'] !== 'True')),
  replicas: (entry, targets) => {
    if (entry.kind === 'capacity') return entry.ready < entry.wanted;
    if (entry.kind !== 'watch' || entry.object !== 'Pod') return false;
    const isHit = targets.some(({ uid, name }) => uid === entry.uid || name === entry.facts['node']);
    return (
      isHit && (entry.change === 'deleted' || (entry.change === 'modified' && entry.facts['ready'] === false))
    );
  },
  healer: (entry, targets, healerUser) => {
    const isTarget = (node: string): boolean => targets.some(({ name }) => name === node);
    if (entry.kind === 'healer') return entry.event !== 'recovered' && isTarget(entry.subject);
    if (entry.kind === 'machine') return entry.call !== 'states' && isTarget(entry.node);
    return (
      entry.kind === 'api.audit' && entry.user === healerUser && entry.code < 400 && isTarget(entry.name)
    );
  },
  deletion: (entry, targets) =>
    entry.kind === 'api.audit' &&
    entry.code < 400 &&
    ((entry.resource === 'pods' && entry.verb === 'delete') || entry.resource === 'pods/eviction') &&
    targets.some(({ name, namespace }) => name === entry.name && namespace === entry.namespace),
  requests: (entry) => entry.kind === 'probe.sample' && !entry.ok,
};

/** Who writes the entries of a trace that can be a witness as well; its own word is no second one. */
const WITNESS: Readonly<Record<FaultTrace, string>> = {
  node: 'watch',
  replicas: 'watch',
  healer: 'healer',
  deletion: 'api.audit',
  requests: 'probe',
};

/**
 * Whether something besides the witness of a fault shows that it was there, from its request until its undoing: a witness
 * that is mistaken looks, to everybody else, like a fault that hurt nobody.
 */
export function hasSecondTrace(facts: TrialFacts, injection: InjectionFacts): boolean {
  const { fault, requestedMonoMs, effective, resolved } = injection;
  const leaves = (findRow(fault.kind)?.leaves ?? []).filter((name) => WITNESS[name] !== effective?.observer);
  const untilMonoMs = undoneFrom(facts, injection);
  const healerUser = healerUserOf(facts);
  return facts.entries.some((entry) => {
    const monoMs = entry.kind === 'probe.sample' ? entry.dueMonoMs : entry.monoMs;
    if (monoMs <= requestedMonoMs || monoMs > untilMonoMs) return false;
    return leaves.some((name) => TRACES[name](entry, resolved?.targets ?? [], healerUser));
  });
}

/** The undoing of a fault that lasts leaves traces of its own: a machine is made anew, whatever it was before. */
function undoneFrom(facts: TrialFacts, { effective, reverted }: InjectionFacts): number {
  const begun = facts.entries.find(
    (entry) =>
      entry.kind === 'phase' &&
      entry.phase === 'revert' &&
      entry.state === 'begin' &&
      entry.monoMs >= (effective?.effectiveMonoMs ?? 0),
  );
  return Math.min(begun?.monoMs ?? Number.POSITIVE_INFINITY, reverted?.monoMs ?? Number.POSITIVE_INFINITY);
}
