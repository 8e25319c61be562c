import type { SimCluster } from './sim-cluster.ts';
import type { SimElection } from './sim-election.ts';
import type { SimHealer } from './sim-healer.ts';
import type { SimMachine } from './sim-machine.ts';
import type { SimReferee } from './sim-referee.ts';

/** What a misfortune may reach. */
export interface World {
  readonly cluster: SimCluster;
  readonly referee: SimReferee;
  readonly election: SimElection;
  readonly healers: ReadonlyMap<string, SimHealer>;
  /** When all that is not the loss of a machine ends. */
  readonly calmFromMs: number;
  /** Nothing else befalls this run. */
  readonly isAlone: boolean;
}

/** Whom one misfortune strikes, and for how long if it passes. */
export interface Blow {
  readonly world: World;
  readonly machine: SimMachine;
  readonly healer: SimHealer;
  readonly forMs: number;
}

/** A misfortune; it returns whom it struck. */
export type Strike = (blow: Blow) => string;

/** Undoes after so long what was done, and by the time at which all ends at the latest. */
export function undoLater({ cluster, calmFromMs }: World, afterMs: number, undo: () => void): void {
  cluster.clock.after(Math.min(afterMs, calmFromMs - cluster.nowMs), undo);
}

/** In most runs a machine that something is the matter with is soon lost, too: else nobody would see it. */
export function oftenLose({ world: { cluster }, machine }: Blow): void {
  const { random, clock } = cluster;
  if (random.chance(0.3)) return;
  clock.after(random.between(0, 4000), () => {
    if (random.chance(0.5)) cluster.setPower(machine, false);
    else machine.frozen = true;
  });
}
