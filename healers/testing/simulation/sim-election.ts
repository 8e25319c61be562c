import type { SimCluster } from './sim-cluster.ts';

const LEASE_MS = 4000;
const RENEW_DEADLINE_MS = 3000;
const RETRY_MS = 1000;

/** What the election asks of a healer. */
interface Candidate {
  readonly name: string;
  readonly ended: boolean;
  readonly line: { readonly apiCut: boolean; readonly failures: number };
}

/** The leader lease, with the elector's rules: a leader stops before a candidate may begin. */
export class SimElection {
  readonly #cluster: SimCluster;
  readonly #candidates: () => readonly Candidate[];
  readonly #renewedMs = new Map<string, number>();
  #holder: string | undefined;
  #changedMs = -Infinity;
  /** For a time two healers both believe that they lead, as after a clock went wrong. */
  splitUntilMs = 0;

  constructor(cluster: SimCluster, candidates: () => readonly Candidate[]) {
    this.#cluster = cluster;
    this.#candidates = candidates;
    this.#round();
  }

  stillLeading(name: string): boolean {
    const nowMs = this.#cluster.nowMs;
    if (nowMs < this.splitUntilMs) return true;
    return this.#holder === name && nowMs - (this.#renewedMs.get(name) ?? -Infinity) < RENEW_DEADLINE_MS;
  }

  /** Whether the lease itself says so, or a split makes everybody believe it. */
  holds(name: string): boolean {
    return this.#holder === name || this.#cluster.nowMs < this.splitUntilMs;
  }

  #round(): void {
    const nowMs = this.#cluster.nowMs;
    for (const healer of this.#candidates()) {
      if (healer.ended || healer.line.apiCut || this.#cluster.random.chance(healer.line.failures)) continue;
      if (this.#holder === healer.name || nowMs - this.#changedMs > LEASE_MS) {
        this.#holder = healer.name;
        this.#changedMs = nowMs;
        this.#renewedMs.set(healer.name, nowMs);
      }
    }
    this.#cluster.clock.after(RETRY_MS, () => this.#round());
  }
}
