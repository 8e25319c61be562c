import { entriesOf, type Entry } from '../../harness/core/journal/journal.ts';

/** What stock Kubernetes needs for the same fault; figures that were measured in runs of their own, on one machine. */
export interface StockFigures {
  readonly label: 'stock Kubernetes, measured separately';
  /** From the effective fault until users were served again. */
  readonly restoredMs: number;
  /** From the effective fault until all replicas were Ready again, as a range over the runs. */
  readonly capacityMs: readonly [least: number, most: number];
}

const POWER_OFF: StockFigures = {
  label: 'stock Kubernetes, measured separately',
  restoredMs: 54_000,
  capacityMs: [354_000, 355_000],
};

/**
 * The figures to compare a trial with, only where they are like with like: they were measured with the storefront after
 * a node's power-off. A control is no healer's trial, and stock Kubernetes beside itself says nothing.
 * The name of the provider is of no concern, since Kubernetes' own timings decide, but they hold for its defaults.
 */
export function stockFor(entries: readonly Entry[]): StockFigures | undefined {
  const [started] = entriesOf(entries, 'trial.started');
  if (started === undefined || started.control || started.config['healer'] === 'off') return undefined;
  if (started.config['workload'] !== 'storefront') return undefined;
  const faults = entriesOf(entries, 'fault.requested').map((entry) => entry.fault.kind);
  return faults.length === 1 && faults[0] === 'node.power-off' ? POWER_OFF : undefined;
}
