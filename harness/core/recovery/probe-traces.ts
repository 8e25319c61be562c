import { entriesOf, type Entry, type EntryOf } from '../journal/journal.ts';
import type { ProbeTrace, TraceGap } from './probe-windows.ts';
import { largest } from '../extremes.ts';

/** A request whose answer may still be under way: its time-out and as much again for the way to us. */
const UNDER_WAY_MS = 2_500;

/** How the observers of targets are called. */
const OBSERVER = 'probe:';

/** The journal's samples, one trace per target, with every hole in the sequence numbers as a gap. */
export function probeTraces(entries: readonly Entry[]): ProbeTrace[] {
  const samples = Map.groupBy(entriesOf(entries, 'probe.sample'), (sample) => sample.target);
  const gaps = Map.groupBy(entriesOf(entries, 'probe.gap'), (gap) => gap.target);
  const clocks = entriesOf(entries, 'probe.clock');
  const observers = entriesOf(entries, 'observer').filter(({ observer }) => observer.startsWith(OBSERVER));
  // A target that was set up and never asked has a trace all the same: an empty one.
  const setUp = observers.map(({ observer }) => observer.slice(OBSERVER.length));
  const targets = new Set([...samples.keys(), ...gaps.keys(), ...setUp]);
  return [...targets].map((target) => {
    const known = gaps.get(target) ?? [];
    const { complete, holes } = inSequence(samples.get(target) ?? [], known);
    const blind = observers.filter(
      ({ observer, state }) => observer === `${OBSERVER}${target}` && state === 'gap',
    );
    return {
      target,
      samples: complete,
      gaps: [
        ...known.map(({ fromMonoMs, toMonoMs, reason }) => ({ fromMonoMs, toMonoMs, reason })),
        ...blind.map((entry) => ({
          fromMonoMs: entry.fromMonoMs ?? entry.monoMs,
          toMonoMs: entry.toMonoMs ?? Number.POSITIVE_INFINITY,
          reason: entry.reason ?? 'the stream of the probe was cut',
        })),
        ...holes,
      ],
      clockErrorMs: largest(
        clocks.filter((clock) => clock.target === target).map((clock) => clock.errorMs),
        0,
      ),
    };
  });
}

/**
 * Samples arrive in the order of their answers. A missing number near the end is a request under way, which may yet
 * fail: nothing after it may be judged. Further back it is lost, and a gap.
 */
function inSequence(
  arrived: readonly EntryOf<'probe.sample'>[],
  known: readonly EntryOf<'probe.gap'>[],
): { complete: readonly EntryOf<'probe.sample'>[]; holes: TraceGap[] } {
  const sorted = arrived
    .toSorted((a, b) => a.probeSeq - b.probeSeq)
    // Of a request that was told twice the later word counts: equal ones stay in the order of their arrival.
    .filter((sample, index, all) => sample.probeSeq !== all[index + 1]?.probeSeq);
  const newestMs = largest(sorted.map((sample) => sample.dueMonoMs));
  const holes: TraceGap[] = [];
  for (const [index, sample] of sorted.entries()) {
    const previous = sorted[index - 1];
    const missing = previous === undefined ? 0 : sample.probeSeq - previous.probeSeq - 1;
    if (previous === undefined || missing <= 0 || covered(known, previous.probeSeq + 1, sample.probeSeq - 1))
      continue;
    if (newestMs - previous.dueMonoMs < UNDER_WAY_MS) return { complete: sorted.slice(0, index), holes };
    const reason = `${missing} requests are missing after number ${previous.probeSeq}`;
    holes.push({ fromMonoMs: previous.dueMonoMs, toMonoMs: sample.dueMonoMs, reason });
  }
  return { complete: sorted, holes };
}

function covered(known: readonly EntryOf<'probe.gap'>[], fromSeq: number, toSeq: number): boolean {
  return known.some((gap) => gap.fromSeq <= fromSeq && gap.toSeq >= toSeq);
}
