import type { Entry } from '../../harness/core/journal.ts';
import { entriesOf } from '../../harness/core/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { atMono, frameOf } from './frame.ts';
import { resourceLives } from './resources.ts';
import type { ResourceLife } from './resources.ts';
import { findMark } from './wording.ts';

export type PhaseName = 'detect' | 'decide' | 'act' | 'replace' | 'schedule' | 'start' | 'ready';

/** One step of the recovery, in milliseconds from the effective fault. */
export interface RecoveryPhase {
  readonly name: PhaseName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly meaning: string;
}

/**
 * The steps from the effective fault to full capacity. The healer's steps come from the marks; the cluster's steps
 * from the replacement that was Ready last, because capacity waited for that one. A step that nobody observed is left out.
 */
export function recoveryPhases(verdict: Verdict, entries: readonly Entry[]): RecoveryPhase[] {
  const frame = frameOf(entries, verdict.marks);
  if (frame.zeroIs !== 'fault effective') return [];
  const phases: RecoveryPhase[] = [];
  let reached = 0;
  const step = (name: PhaseName, monoMs: number | undefined, meaning: string): void => {
    if (monoMs === undefined) return;
    const toMs = atMono(frame, monoMs);
    if (toMs < reached) return;
    phases.push({ name, fromMs: reached, toMs, meaning });
    reached = toMs;
  };
  step('detect', findMark(verdict.marks, 'detected')?.monoMs, 'the healer records the problem');
  step('decide', findMark(verdict.marks, 'decided')?.monoMs, 'its guard has passed');
  step('act', findMark(verdict.marks, 'acted')?.monoMs, 'its first write');
  const last = lastReplacement(entries, frame.zeroMonoMs);
  if (!last) return phases;
  step('replace', last.createdMonoMs, `${last.name} is created`);
  step('schedule', last.scheduledMonoMs, `${last.name} has a node`);
  step('start', last.startedMonoMs, `${last.name} has started`);
  step('ready', last.readyMonoMs, `${last.name} is Ready`);
  return phases;
}

function lastReplacement(entries: readonly Entry[], zeroMonoMs: number): ResourceLife | undefined {
  const namespaces = workloadNamespaces(entries);
  return resourceLives(entries, 'Pod')
    .filter((pod) => pod.createdMonoMs !== undefined && pod.createdMonoMs >= zeroMonoMs)
    .filter((pod) => namespaces.size === 0 || namespaces.has(pod.namespace ?? ''))
    .filter((pod) => pod.readyMonoMs !== undefined)
    .toSorted((left, right) => (left.readyMonoMs ?? 0) - (right.readyMonoMs ?? 0))
    .at(-1);
}

/** Where the targets of the fault and their like live; empty where the journal does not tell. */
export function workloadNamespaces(entries: readonly Entry[]): ReadonlySet<string> {
  const named = entriesOf(entries, 'fault.resolved').flatMap((entry) =>
    entry.targets.map((one) => one.namespace ?? ''),
  );
  return new Set(named.filter((namespace) => namespace !== ''));
}
