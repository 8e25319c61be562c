/** The part of a pod's spec that says where it may run. */
export interface Placement {
  readonly tolerations: readonly object[];
  readonly affinity: object;
}

const INFRA_NODE = {
  matchExpressions: [{ key: 'firedrill.dev/role', operator: 'In', values: ['infra'] }],
};

/**
 * Off the nodes that faults hit: on an infra node. `required` where the cluster has one, since a preference can lose
 * against other scores of the scheduler; `preferred` where it may have none.
 */
export function onInfraNode(strength: 'required' | 'preferred'): Placement {
  return {
    tolerations: [{ key: 'firedrill.dev/infra', operator: 'Equal', value: 'true', effect: 'NoSchedule' }],
    affinity: {
      nodeAffinity:
        strength === 'required'
          ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [INFRA_NODE] } }
          : { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: INFRA_NODE }] },
    },
  };
}
