import type { Fault } from '../../harness/core/fault.ts';

/** What stock Kubernetes needs for the same fault; figures that were measured in runs of their own. */
export interface StockFigures {
  readonly label: 'stock Kubernetes, measured separately';
  /** From the effective fault until users were served again. */
  readonly restoredMs: number;
  /** From the effective fault until all replicas were Ready again, as a range over the runs. */
  readonly capacityMs: readonly [least: number, most: number];
}

const SILENT_NODE: StockFigures = {
  label: 'stock Kubernetes, measured separately',
  restoredMs: 54_000,
  capacityMs: [354_000, 355_000],
};

const SILENT_NODE_FAULTS: ReadonlySet<string> = new Set(['node.power-off', 'node.freeze', 'node.cable-out']);

/**
 * The figures to compare a trial with, only where they are like with like: one fault that silences a node.
 * The name of the provider is of no concern, since Kubernetes' own timings decide, but they hold for its defaults.
 */
export function stockFor(faults: readonly Fault[]): StockFigures | undefined {
  if (faults.length === 0 || !faults.every((fault) => SILENT_NODE_FAULTS.has(fault.kind))) return undefined;
  return SILENT_NODE;
}
