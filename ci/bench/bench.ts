/** What is measured together, and how: a row of the README's table for each of its figures. */
export interface Bench {
  readonly what: string;
  /** What was promised for each figure, as text, by the figure's name. */
  readonly targets: Readonly<Record<string, string>>;
  readonly unit: string;
  /** Runs when none are asked for. */
  readonly runs: number;
  /** Takes minutes: run only with `--long`, or by the name of a figure. */
  readonly long?: boolean;
  /** Compares with a kind cluster, so that a container engine is needed. */
  readonly needsKind?: boolean;
  /** The figures of one run after the other, until nobody asks for more. `runs` is for whom all are one command. */
  measure(runs: number, signal: AbortSignal): Iterable<Measured> | AsyncIterable<Measured>;
}

/** Figures of one run by their names; infinity for a recovery that never came. */
export type Measured = Readonly<Record<string, number>>;

export const NO_PROMISE = 'no promise';

/** What a bench is called: its figures. */
export function nameOf({ targets }: Pick<Bench, 'targets'>): string {
  return Object.keys(targets).join(', ');
}

/** @throws Error where there is no value of any figure */
export async function figuresOf(
  bench: Bench,
  runs: number,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const measured: Measured[] = [];
  for await (const figures of bench.measure(runs, signal)) {
    const words = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(2)} ${bench.unit}`);
    log(`run ${measured.push(figures)}: ${words.join(', ')}`);
    if (measured.length === runs) break;
  }
  if (measured.length === 0) throw new Error(`nothing was measured of ${nameOf(bench)}`);
  return valuesByName(measured);
}

/** All values of each figure that was measured, in their order. */
export function valuesByName(measured: readonly Measured[]): ReadonlyMap<string, readonly number[]> {
  const names = new Set(measured.flatMap((figures) => Object.keys(figures)));
  return new Map([...names].map((name) => [name, measured.flatMap((figures) => figures[name] ?? [])]));
}

/** The median with the extremes, as the README has them. */
export function inWords(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string => {
    const value = sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
    return Number.isFinite(value) ? value.toFixed(2) : 'never';
  };
  return `median ${at(0.5)}, ${at(0)} to ${at(1)}, n = ${sorted.length}`;
}
