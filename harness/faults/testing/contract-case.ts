import { messageOf } from '../../core/errors.ts';
import type { Fault, ResolvedTarget } from '../../core/faults/fault.ts';
import type { Cluster } from '../../../infra/cluster.ts';
import type { KubeClient } from '../../../infra/kube/client.ts';
import type { LivenessConnection } from '../injector.ts';

/** What a case looks at its target with. */
export interface ContractContext {
  readonly cluster: Cluster;
  readonly kube: KubeClient;
}

/** What the contract needs to know of one kind of fault. */
export interface ContractCase {
  /** Hits exactly one target. */
  readonly fault: Fault;
  /** Makes sure that there is something to hit; before each test. */
  prepare?(context: ContractContext): Promise<void>;
  /** What the fault hits, as any process can find out. */
  target(context: ContractContext): Promise<ResolvedTarget>;
  /** Whether the undo brings the target back; a pod that was killed is gone for good. */
  readonly restores: boolean;
  /** Sound data that selects nothing. */
  readonly nowhere: Fault;
  /** Data that cannot be meant, and the keys that have to be called wrong. */
  readonly impossible: { readonly fault: Fault; readonly keys: readonly string[] };
  /** Opens a line to what the fault takes away, by another way than the injector's; rejects where nobody answers. */
  connect(target: ResolvedTarget, context: ContractContext): Promise<LivenessConnection>;
  /** Resolves when the target has done some work that it was given now, as Kubernetes sees it. */
  awaitWork(target: ResolvedTarget, context: ContractContext): Promise<void>;
}

/** The node that faults of the contract hit; the rest of the cluster is left alone. Every process finds the same one. */
export async function contractVictim(cluster: Cluster): Promise<string> {
  const workers = (await cluster.nodes()).filter(({ role }) => role === 'worker').map(({ name }) => name);
  const last = workers.toSorted().at(-1);
  if (last === undefined) throw new Error(`${cluster.name} has no worker`);
  return last;
}

/** Where the case of a kind lies: beside its code. */
export function contractCasePath(kind: string): string {
  return `harness/faults/catalogue/${kind.replace('.', '/')}.contract-case.ts`;
}

/**
 * A kind that has no case has not shown that it keeps the contract.
 * @param victim the node that is hit by those that hit one
 */
export async function contractCaseOf(kind: string, victim: string): Promise<ContractCase> {
  const path = new URL(`../../../${contractCasePath(kind)}`, import.meta.url);
  const { contractCase } = (await import(path.href)) as { contractCase: (victim: string) => ContractCase };
  return contractCase(victim);
}

/** What keeps the target from answering somebody who comes anew; empty while it does. */
export async function ailmentOf(
  contract: ContractCase,
  target: ResolvedTarget,
  context: ContractContext,
): Promise<string> {
  try {
    const line = await contract.connect(target, context);
    try {
      await line.ask(1_000);
      return '';
    } finally {
      line.close();
    }
  } catch (error) {
    return messageOf(error);
  }
}
