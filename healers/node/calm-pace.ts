import type { NodePolicy } from '../policy/node-policy.ts';

/** How often who leads asks a healthy kubelet: with few nodes more often, so that silence begins to count at once. */
export function calmPaceMs(nodes: number, policy: NodePolicy): number {
  const { calmProbeEveryMs, calmProbeLeastMs, calmProbesPerSecond } = policy;
  return Math.min(calmProbeEveryMs, Math.max(calmProbeLeastMs, (nodes * 1000) / calmProbesPerSecond));
}
