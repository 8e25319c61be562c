import type { PodObject } from '../../cluster/objects.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { SimMachine } from './sim-machine.ts';
import type { Violations } from './violations.ts';

/** Messages take time, and a grace is counted from when its end was asked for. */
const GRACE_MS = 1500;
/** So often one pod is asked to leave before the others have had their turn, at most. */
const IN_A_ROW = 6;

/** How nodes that answer and are not Ready are emptied before their power is cut. */
export class RefereeOfDrains {
  /** Whether people were told that a pod goes. */
  isTold: (pod: string) => boolean = () => false;
  readonly #cluster: SimCluster;
  readonly #violations: Violations;
  readonly #asked = new Map<string, number>();

  constructor(cluster: SimCluster, violations: Violations) {
    this.#cluster = cluster;
    this.#violations = violations;
  }

  /** An eviction has arrived, whatever is answered. */
  asked(healer: string, leading: boolean, pod: PodObject): void {
    const { uid, name } = pod.metadata;
    if (!leading) this.#violations.add(`${healer} evicted ${name} without leading`);
    this.#asked.set(uid, (this.#asked.get(uid) ?? 0) + 1);
  }

  /** A pod goes, by whatever call. */
  goes(healer: string, pod: PodObject): void {
    const { name } = pod.metadata;
    if (this.#cluster.podKind(name).bare === true && !this.isTold(name))
      this.#violations.add(`${healer} let ${name} go, which nobody makes again, and told nobody`);
  }

  /** The power of a node is cut that answers and is not Ready. */
  cut(healer: string, { name }: SimMachine): void {
    const pods = this.#cluster.podsOn(name);
    const most = Math.max(0, ...pods.map(({ metadata }) => this.#asked.get(metadata.uid) ?? 0));
    for (const { metadata } of pods) {
      const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
      if (most > IN_A_ROW && !this.#asked.has(uid))
        this.#violations.add(
          `${healer} cut the power of ${name} under ${metadata.name}, which it never asked to leave`,
        );
      if (deletionTimestamp === undefined) continue;
      const leftMs = Number(deletionTimestamp) + deletionGracePeriodSeconds * 1000 - this.#cluster.nowMs;
      if (leftMs > GRACE_MS)
        this.#violations.add(
          `${healer} cut the power of ${name} ${leftMs.toFixed(0)} ms before the grace of ${metadata.name} ended`,
        );
    }
  }
}
