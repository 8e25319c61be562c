/**
 * The name of a run: its start in UTC, and letters by which runs of the same second differ, in whichever folders they are:
 * `YYYYMMDD-HHMMSS-xxxx`. Names sort as their seconds do.
 * @param random from 0 up to 1, like Math.random
 */
export function runIdAt(wallMs: number, random: () => number): string {
  const iso = new Date(wallMs).toISOString();
  const suffix = Array.from({ length: 4 }, () => Math.floor(random() * 36).toString(36)).join('');
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}-${suffix}`;
}

/** What the cluster is called that a run makes for itself. */
export function clusterNameOf(runId: string): string {
  return `run-${runId}`;
}
