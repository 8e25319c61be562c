/** A row of the table of figures. */
interface Figure {
  readonly unit: string;
  /** What was promised, as text; nothing where it is missing. */
  readonly target?: string;
}

/** What is measured together, and how. */
export interface Bench {
  readonly what: string;
  /** By their names. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Runs when none are asked for. */
  readonly runs: number;
  /** Takes minutes. */
  readonly long?: boolean;
  /** Compares with a kind cluster, so that a container engine is needed. */
  readonly needsKind?: boolean;
  /** The figures of one run after the other, until nobody asks for more. `runs` is for whom all are one command. */
  measure(runs: number, signal: AbortSignal): AsyncIterable<Measured>;
}

/** Figures of one run by their names: infinity for a recovery that never came, and less than 0 for a difference that is lost in the noise. */
export type Measured = Readonly<Record<string, number>>;

/** What a bench is called: its figures. */
export function nameOf({ figures }: Pick<Bench, 'figures'>): string {
  return Object.keys(figures).join(', ');
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
    const words = Object.entries(figures).map(
      ([name, value]) => `${name} ${wordFor(value, ` ${bench.figures[name]?.unit ?? ''}`)}`,
    );
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
  const at = (share: number): string => wordFor(sorted[Math.floor(share * (sorted.length - 1))] ?? Infinity);
  return `median ${at(0.5)}, ${at(0)} to ${at(1)}, n = ${sorted.length}`;
}

function wordFor(value: number, unit = ''): string {
  if (value < 0) return 'too small to be measured';
  return Number.isFinite(value) ? `${value.toFixed(2)}${unit}` : 'never';
}
