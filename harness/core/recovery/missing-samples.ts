import { dueOf, type ProbeTrace, type TimedSample, type TraceGap } from './probe-windows.ts';

/** The samples that came, and the requests that were due but of which nothing is known. */
interface PartialTrace {
  /** In order of due instants, without those that lie inside of a reported gap. */
  readonly samples: readonly TimedSample[];
  /** One per stretch of missing requests; its instants are those of the first and the last of them. */
  readonly holes: readonly TraceGap[];
}

export function findMissing(trace: ProbeTrace, periodMs: number): PartialTrace {
  const samples = trace.samples
    .filter(
      ({ dueMonoMs }) => !trace.gaps.some((gap) => gap.fromMonoMs <= dueMonoMs && dueMonoMs <= gap.toMonoMs),
    )
    .sort((a, b) => a.dueMonoMs - b.dueMonoMs);
  const holes: TraceGap[] = [];
  for (let index = 1; index < samples.length; index++) {
    const fromMonoMs = dueOf(samples, index - 1) + periodMs;
    const toMonoMs = dueOf(samples, index) - periodMs;
    if (toMonoMs < fromMonoMs - 0.5 * periodMs) continue;
    const gap = trace.gaps.find(
      (one) => one.fromMonoMs <= toMonoMs + periodMs && one.toMonoMs >= fromMonoMs - periodMs,
    );
    holes.push({ fromMonoMs, toMonoMs, reason: gap?.reason ?? 'requests are missing' });
  }
  return { samples, holes };
}

/** One that came, or one of which nothing is known and that is assumed to have ended like this. */
export interface AssumedSample extends TimedSample {
  readonly assumed?: true;
}

/** The trace as it would be if every missing request had ended like this. */
export function fillMissing(
  { samples, holes }: PartialTrace,
  periodMs: number,
  ok: boolean,
): AssumedSample[] {
  const filled: AssumedSample[] = [...samples];
  for (const { fromMonoMs, toMonoMs } of holes) {
    for (let dueMonoMs = fromMonoMs; dueMonoMs <= toMonoMs + 0.5 * periodMs; dueMonoMs += periodMs) {
      filled.push({ dueMonoMs, ok, lateMs: 0, assumed: true });
    }
  }
  return filled.sort((a, b) => a.dueMonoMs - b.dueMonoMs);
}
