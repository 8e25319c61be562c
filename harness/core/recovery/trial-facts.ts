import type { Fault, ResolvedTarget } from '../faults/fault.ts';
import { entriesOf, type Entry, type EntryOf } from '../journal/journal.ts';
import { probeTraces } from './probe-traces.ts';
import type { ProbeTrace } from './probe-windows.ts';
import { given } from '../given.ts';

/** One fault's life as the journal tells it. */
export interface InjectionFacts {
  readonly id: string;
  readonly fault: Fault;
  readonly requestedMonoMs: number;
  readonly requestedWallMs: number;
  readonly resolved?: EntryOf<'fault.resolved'>;
  readonly effective?: EntryOf<'fault.effective'>;
  readonly ineffective?: EntryOf<'fault.ineffective'>;
  /** The last word on its undoing. */
  readonly reverted?: EntryOf<'fault.reverted'>;
}

/** A journal, read once for all checks. */
export interface TrialFacts {
  readonly entries: readonly Entry[];
  readonly started?: EntryOf<'trial.started'>;
  readonly ended?: EntryOf<'trial.ended'>;
  readonly injections: readonly InjectionFacts[];
  readonly claims: readonly EntryOf<'slo.claim'>[];
  readonly traces: readonly ProbeTrace[];
  /** Instants of the first and the last entry; 0 for an empty journal. */
  readonly firstMonoMs: number;
  readonly lastMonoMs: number;
}

export function readTrial(entries: readonly Entry[]): TrialFacts {
  const started = entriesOf(entries, 'trial.started')[0];
  const ended = entriesOf(entries, 'trial.ended').at(-1);
  return {
    entries,
    ...given({ started, ended }),
    injections: readInjections(entries),
    claims: entriesOf(entries, 'slo.claim'),
    traces: probeTraces(entries),
    firstMonoMs: entries[0]?.monoMs ?? 0,
    lastMonoMs: entries.at(-1)?.monoMs ?? 0,
  };
}

/** The trial as far as its journal was told until an instant; unchanged where that is still to come. */
export function heardUntil(facts: TrialFacts, monoMs: number, nowMonoMs: number): TrialFacts {
  const now = Number.isFinite(nowMonoMs) ? Math.max(nowMonoMs, facts.lastMonoMs) : facts.lastMonoMs;
  if (monoMs >= now) return facts;
  return { ...readTrial(facts.entries.filter((entry) => entry.monoMs <= monoMs)), lastMonoMs: monoMs };
}

export function injectionOf(facts: TrialFacts, id: string | undefined): InjectionFacts | undefined {
  return facts.injections.find((injection) => injection.id === id);
}

/** Unix time of a monotonic instant, by the nearest entry before it. */
export function wallOf(facts: TrialFacts, monoMs: number): number {
  const anchor = facts.entries.findLast((entry) => entry.monoMs <= monoMs) ?? facts.entries[0];
  return anchor === undefined ? Number.NaN : monoMs + (anchor.wallMs - anchor.monoMs);
}

/** The worst lateness of the harness's own timers that covers some part of the span. */
export function lagWithin(facts: TrialFacts, fromMonoMs: number, toMonoMs: number): number {
  let worstMs = 0;
  for (const { monoMs, lateMs } of entriesOf(facts.entries, 'harness.lag')) {
    if (monoMs - lateMs <= toMonoMs && monoMs >= fromMonoMs) worstMs = Math.max(worstMs, lateMs);
  }
  return worstMs;
}

/** All objects hit by any fault of the trial. */
export function allTargets(facts: TrialFacts): ResolvedTarget[] {
  return facts.injections.flatMap((injection) => injection.resolved?.targets ?? []);
}

export function readInjections(entries: readonly Entry[]): InjectionFacts[] {
  const resolved = byInjection(entriesOf(entries, 'fault.resolved'));
  const effective = byInjection(entriesOf(entries, 'fault.effective'));
  const ineffective = byInjection(entriesOf(entries, 'fault.ineffective'));
  const reverted = byInjection(entriesOf(entries, 'fault.reverted'));
  return entriesOf(entries, 'fault.requested').map((requested) => {
    const id = requested.injectionId;
    return {
      id,
      fault: requested.fault,
      requestedMonoMs: requested.monoMs,
      requestedWallMs: requested.wallMs,
      ...given({
        resolved: resolved.get(id),
        effective: effective.get(id),
        ineffective: ineffective.get(id),
        reverted: reverted.get(id),
      }),
    };
  });
}

function byInjection<T extends { readonly injectionId: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((entry) => [entry.injectionId, entry] as const));
}
