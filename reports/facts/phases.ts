import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { atMono, frameOf } from './frame.ts';
import { resourceLives, type ResourceLife } from './resources.ts';
import { findMark } from './wording.ts';

type PhaseName = 'detect' | 'decide' | 'act' | 'replace' | 'schedule' | 'start' | 'ready';

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
  const detected = findMark(verdict.marks, 'detected');
  step('detect', detected?.monoMs, `the problem is recorded, seen by ${detected?.seenBy ?? 'nobody'}`);
  step('decide', findMark(verdict.marks, 'decided')?.monoMs, 'its guard has passed');
  step('act', findMark(verdict.marks, 'acted')?.monoMs, 'its first write');
  const last = lastReplacement(entries, frame.zeroMonoMs, findMark(verdict.marks, 'capacity')?.monoMs);
  if (!last) return phases;
  step('replace', last.createdMonoMs, `${last.name} is created`);
  step('schedule', last.scheduledMonoMs, `${last.name} has a node`);
  step('start', last.startedMonoMs, `${last.name} has started`);
  step('ready', last.readyMonoMs, `${last.name} is Ready`);
  return phases;
}

/** A watch event may be stamped a moment after the count of replicas that it changed. */
const STAMP_SLACK_MS = 50;

function lastReplacement(
  entries: readonly Entry[],
  zeroMonoMs: number,
  capacityMonoMs: number | undefined,
): ResourceLife | undefined {
  const app = countedApp(entries);
  const until = (capacityMonoMs ?? Infinity) + STAMP_SLACK_MS;
  return resourceLives(entries, 'Pod')
    .filter((pod) => pod.createdMonoMs !== undefined && pod.createdMonoMs >= zeroMonoMs)
    .filter((pod) => app === undefined || pod.app === undefined || pod.app === app)
    .filter((pod) => pod.readyMonoMs !== undefined && pod.readyMonoMs <= until)
    .toSorted((left, right) => (left.readyMonoMs ?? 0) - (right.readyMonoMs ?? 0))
    .at(-1);
}

/** The application whose replicas count for capacity, where the selector is as simple as `app=storefront`. */
function countedApp(entries: readonly Entry[]): string | undefined {
  const selector = entriesOf(entries, 'capacity')[0]?.selector ?? '';
  return /^(?:app|app\.kubernetes\.io\/name)=([^,=!\s]+)$/.exec(selector)?.[1];
}
