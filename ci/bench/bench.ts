/** One figure of the README's table and how it is measured. */
export interface Bench {
  readonly name: string;
  readonly what: string;
  /** What was promised, as text. */
  readonly target: string;
  readonly unit: string;
  /** Takes minutes: run only with `--long`, or by name. */
  readonly long?: boolean;
  /** Compares with a kind cluster, so that a container engine is needed. */
  readonly needsKind?: boolean;
  /** One figure per run. */
  measure(runs: number, signal: AbortSignal, log: (line: string) => void): Promise<readonly number[]>;
  /** Runs when none are asked for. */
  readonly runs: number;
}
