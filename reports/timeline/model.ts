import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';
import type { Verdict } from '../../harness/core/verdict.ts';
import { recoveryLimit } from '../facts/claims.ts';
import { atMono, frameOf, type Frame } from '../facts/frame.ts';
import type { TimelineModel } from './picture.ts';
import { readAlerts } from './read-alerts.ts';
import { readFaults } from './read-faults.ts';
import { readHealer, readNotes } from './read-healer.ts';
import { readIndicators } from './read-indicators.ts';
import { readMarks } from './read-marks.ts';
import { readPodsAndNodes } from './read-resources.ts';
import { largest, smallest } from '../../harness/core/extremes.ts';

/** Reads a trial into what its timeline shows. */
export function timelineModel(verdict: Verdict, entries: readonly Entry[]): TimelineModel {
  const frame = frameOf(entries, verdict.marks);
  const marks = readMarks(verdict, frame, recoveryLimit(verdict, entries)?.withinMs);
  const healer = readHealer(entries, frame);
  const steps = entriesOf(entries, 'capacity').map(({ monoMs, ready, wanted }) => ({
    atMs: atMono(frame, monoMs),
    ready,
    wanted,
  }));
  const faults = readFaults(entries, frame);
  const [fromMs, toMs] = span(entries, frame, [
    ...marks.filter((mark) => mark.name !== 'limit').map((mark) => mark.atMs),
    ...faults.flatMap((fault) => [fault.requestedMs, fault.revertedMs ?? fault.requestedMs]),
    // What came before the fault is there for comparison only.
    ...[...healer, ...steps].map((one) => one.atMs).filter((atMs) => atMs > 0),
  ]);
  return {
    title: `${verdict.scenario} › ${verdict.title}`,
    outcome: verdict.outcome,
    reason: verdict.reason,
    frame,
    fromMs,
    toMs,
    marks: marks.filter((mark) => mark.name !== 'limit' || mark.atMs <= toMs),
    faults,
    indicators: readIndicators(entries, frame),
    alerts: readAlerts(entries, frame, fromMs, toMs),
    healer,
    ...(steps.length > 0 ? { capacity: { steps } } : {}),
    ...readPodsAndNodes(entries, frame, fromMs, toMs),
    notes: readNotes(entries, frame),
  };
}

const LEAST_LEAD_MS = 1500;
const LEAST_TAIL_MS = 700;
const SIDE_SHARE = 0.06;

/** From a little before the request to a little after the last thing that matters, within what was recorded. */
function span(
  entries: readonly Entry[],
  frame: Frame,
  instants: readonly number[],
): [fromMs: number, toMs: number] {
  const recordedFrom = atMono(frame, entries[0]?.monoMs ?? frame.zeroMonoMs);
  const recordedTo = atMono(frame, entries.at(-1)?.monoMs ?? frame.zeroMonoMs);
  if (instants.length === 0) return [recordedFrom, Math.max(recordedTo, recordedFrom + 1000)];
  const first = smallest(instants);
  const last = largest(instants, instants.every((one) => one <= 0) ? recordedTo : undefined);
  const lead = Math.max(LEAST_LEAD_MS, (last - first) * SIDE_SHARE);
  const tail = Math.max(LEAST_TAIL_MS, (last - first) * SIDE_SHARE);
  const fromMs = Math.min(first, Math.max(recordedFrom, first - lead));
  return [fromMs, Math.max(fromMs + 1000, last, Math.min(recordedTo, last + tail))];
}
