/** Something that goes on as long as the process is well, whatever the API server does. */
interface Work {
  readonly name: string;
  /** CLOCK_MONOTONIC milliseconds of its last progress: an attempt that failed is progress, too. */
  readonly progressMonoMs: number;
}

/**
 * What has stood still for longer than the limit; undefined while all is well. An outage of the API server never
 * counts: healers that are restarted for it would be waiting in a back-off when it comes back.
 */
export function standstill(work: readonly Work[], nowMonoMs: number, limitMs: number): string | undefined {
  const still = work.filter(({ progressMonoMs }) => nowMonoMs - progressMonoMs > limitMs);
  if (still.length === 0) return undefined;
  return still
    .map(
      ({ name, progressMonoMs }) =>
        `no progress of ${name} for ${Math.round((nowMonoMs - progressMonoMs) / 1000)} s`,
    )
    .join('; ');
}
