import type { NodePolicy } from '../../policy/node-policy.ts';
import type { NodeRemediation } from '../../node/remediation.ts';
import type { SimCluster } from './sim-cluster.ts';
import type { Violations } from './violations.ts';

interface Begun {
  readonly node: string;
  readonly attempt: string;
  readonly loss: string;
  readonly atMs: number;
}

/** How often nodes and pools are treated within any window, whoever leads. All nodes are of one pool. */
export class RefereeOfBudgets {
  readonly #cluster: SimCluster;
  readonly #violations: Violations;
  readonly #policy: NodePolicy;
  #begun: Begun[] = [];

  constructor(cluster: SimCluster, violations: Violations, policy: NodePolicy) {
    this.#cluster = cluster;
    this.#violations = violations;
    this.#policy = policy;
  }

  /** The ledger was lost, and what was done with it. */
  forget(): void {
    this.#begun = [];
  }

  /** Whether nothing more may be begun on a node now. */
  isUsedUp(node: string): boolean {
    const { budgetPerNode, budgetPerPool } = this.#policy;
    const recent = this.#recent();
    const onNode = recent.filter((each) => each.node === node).length;
    return onNode >= budgetPerNode || new Set(recent.map(({ loss }) => loss)).size >= budgetPerPool;
  }

  begun(healer: string, node: string, { attempt, zoneLoss = attempt }: NodeRemediation): void {
    const { budgetPerNode, budgetPerPool } = this.#policy;
    const { nowMs } = this.#cluster;
    if (this.#begun.some((each) => each.attempt === attempt)) return;
    this.#begun = [...this.#recent(), { node, attempt, loss: zoneLoss, atMs: nowMs }];
    const onNode = this.#begun.filter((each) => each.node === node).length;
    if (onNode > budgetPerNode)
      this.#violations.add(`${healer} began attempt ${onNode} on ${node}, budget ${budgetPerNode}`);
    const inPool = new Set(this.#begun.map(({ loss }) => loss)).size;
    if (inPool > budgetPerPool)
      this.#violations.add(
        `${healer} began attempt ${inPool} in the pool with ${node}, budget ${budgetPerPool}`,
      );
  }

  #recent(): Begun[] {
    return this.#begun.filter(({ atMs }) => this.#cluster.nowMs - atMs < this.#policy.budgetWindowMs);
  }
}
