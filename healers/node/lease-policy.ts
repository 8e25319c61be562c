import type { NodePolicy } from '../policy/node-policy.ts';

const USUAL_LEASE_MS = 40_000;
const LEASE_AGES = [
  'leaseOverdueMs',
  'leaseOverdueAloneMs',
  'leaseOverdueUnansweredMs',
  'leaseLostMs',
] as const satisfies readonly (keyof NodePolicy)[];

/**
 * The policy for a node whose lease lasts this long. A kubelet renews its lease four times in its duration, whatever that is
 * (`nodeLeaseDurationSeconds`): where it is longer than usual, so is every age at which it counts as overdue or lost.
 */
export function forLease(policy: NodePolicy, durationMs = USUAL_LEASE_MS): NodePolicy {
  const longer = durationMs / USUAL_LEASE_MS;
  if (longer <= 1) return policy;
  const known = policies.get(policy) ?? new Map<number, NodePolicy>();
  policies.set(policy, known);
  const made = known.get(longer) ?? {
    ...policy,
    ...Object.fromEntries(LEASE_AGES.map((age) => [age, policy[age] * longer])),
  };
  known.set(longer, made);
  return made;
}

/** Those that were made, by the policy and by how much longer their leases last: each look at such a node asks for one. */
const policies = new WeakMap<NodePolicy, Map<number, NodePolicy>>();
