import type { Entry } from '../core/journal/journal.ts';

/** Prometheus' clock is another machine's, and is mapped to ours with an error. */
const OTHER_CLOCK_MS = 1_000;

/** How one line speaks against itself: it tells of a time after it was written, or of a good end with reasons for a bad one. */
export function contradictionIn(entry: Entry): string | undefined {
  switch (entry.kind) {
    case 'gate':
      return entry.ok && entry.reasons.length > 0
        ? `the gate is open, and names what keeps it shut: ${entry.reasons.join('; ')}`
        : undefined;
    case 'residue':
      return entry.ok && entry.items.length > 0
        ? `nothing is left behind, and this is: ${entry.items.join(', ')}`
        : undefined;
    case 'fault.effective':
      return entry.effectiveMonoMs > entry.monoMs
        ? 'the fault took effect only after this was written'
        : undefined;
    case 'promql.series':
      return Math.max(entry.endWallMs, entry.points.at(-1)?.[0] ?? 0) > entry.wallMs + OTHER_CLOCK_MS
        ? 'Prometheus has answered for a time that was still to come'
        : undefined;
    case 'observer':
    case 'probe.gap':
      return entry.fromMonoMs !== undefined &&
        entry.toMonoMs !== undefined &&
        entry.toMonoMs < entry.fromMonoMs
        ? 'a gap ends before it begins'
        : undefined;
    default:
      return undefined;
  }
}
