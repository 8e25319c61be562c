import type { SimCluster } from './sim-cluster.ts';
import type { SimMachine } from './sim-machine.ts';
import type { Violations } from './violations.ts';

/** Power that came back so shortly before a pod was deleted is no fault of whoever deleted it. */
const GRACE_MS = 1500;

/** Two containers of one pod's name would write to one volume. A frozen machine counts: it goes on where it stopped. */
export class RefereeOfWriters {
  readonly #cluster: SimCluster;
  readonly #violations: Violations;

  constructor(cluster: SimCluster, violations: Violations) {
    this.#cluster = cluster;
    this.#violations = violations;
    cluster.kubelets.onStart = (machine, pod) => this.#started(machine, pod.name);
  }

  #started(machine: SimMachine, name: string): void {
    const { machines, nowMs } = this.#cluster;
    for (const other of machines.values()) {
      if (other === machine || nowMs - other.poweredSinceMs < GRACE_MS + 500) continue;
      if ([...other.containers.values()].some((each) => each.name === name))
        this.#violations.add(`two writers of ${name}: ${other.name} and now ${machine.name}`);
    }
  }
}
