import type { OnProgress, Phase } from './progress.ts';

/** How often a bundle's percentage is printed, at most. */
const EVERY_MS = 10_000;

/** Turns progress into lines that read well in a log: each new phase of a bundle, then one line every ten seconds. */
export function createProgressLines(
  write: (text: string) => void,
  nowMs: () => number = () => performance.now(),
): OnProgress {
  const last = new Map<string, { phase: Phase; message: string; atMs: number }>();
  return ({ bundle, phase, message, fraction, remainingMs }) => {
    const before = last.get(bundle);
    const counting = fraction !== undefined;
    const same = before?.phase === phase && (counting || before.message === message);
    if (same && nowMs() - before.atMs < EVERY_MS) return;
    last.set(bundle, { phase, message, atMs: nowMs() });
    const share = counting && fraction > 0 ? ` ${Math.floor(fraction * 100)} %` : '';
    const left =
      remainingMs !== undefined && remainingMs > 0 ? `, about ${formatDuration(remainingMs)} left` : '';
    write(`  ${bundle.padEnd(13)} ${phase}${share}: ${message}${left}\n`);
  };
}

/** Seconds below two minutes, minutes above. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.ceil(durationMs / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** As in "512 B", "1.4 MB", "2.0 GB". */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
