import type { KubeClient } from '../../infra/kube/client.ts';
import {
  annotationsOf,
  NAMES_THE_UID,
  onlyAnnotations,
  unchanged,
  type AccountLimit,
} from '../runtime/limit.ts';
import { permissions } from '../runtime/permission.ts';
import { call, complete, completeIfFound, conflicts } from './call.ts';
import { goneIsDone } from '../../infra/kube/errors.ts';
import { reduceNode, type NodeObject, type PatchOperation } from './objects.ts';

export const NODE_PERMISSIONS = permissions(
  { scope: 'cluster', group: '', resource: 'nodes' },
  { get: 'live read before acting', patch: 'cordon, record, taint', delete: 'retire a replaced node' },
);

/** The annotation that carries a treatment's record on the node itself. */
export const REMEDIATION_ANNOTATION = 'healer.firedrill.dev/remediation';
export const OUT_OF_SERVICE_TAINT = 'node.kubernetes.io/out-of-service';

const recordOf = (node: string) => `${annotationsOf(node)}[?"${REMEDIATION_ANNOTATION}"]`;
const taintsOf = (node: string, test: string) =>
  `${node}.spec.?taints.orValue([]).filter(t, t.key ${test} "${OUT_OF_SERVICE_TAINT}")`;

/** CEL cannot go through the fields of a spec, so those of v1 are named one by one. */
export const NODE_LIMITS: readonly AccountLimit[] = [
  {
    resource: 'nodes',
    operation: 'UPDATE',
    allowed: [
      unchanged('metadata.?labels', 'metadata.?finalizers', 'metadata.?ownerReferences'),
      onlyAnnotations((key) => `${key} == "${REMEDIATION_ANNOTATION}"`),
    ].join(' && '),
    message: `of a Node's metadata the healer changes the annotation ${REMEDIATION_ANNOTATION} only`,
  },
  {
    resource: 'nodes',
    operation: 'UPDATE',
    allowed: [
      unchanged(
        'spec.?podCIDR',
        'spec.?podCIDRs',
        'spec.?providerID',
        'spec.?configSource',
        'spec.?externalID',
      ),
      `${taintsOf('object', '!=')} == ${taintsOf('oldObject', '!=')}`,
    ].join(' && '),
    message: `of a Node's spec the healer changes unschedulable and the taint ${OUT_OF_SERVICE_TAINT} only`,
  },
  {
    resource: 'nodes',
    operation: 'UPDATE',
    allowed: `${recordOf('object')}.hasValue() || (${unchanged('spec.?unschedulable')} || object.spec.?unschedulable.orValue(false) == false) && size(${taintsOf('object', '==')}) <= size(${taintsOf('oldObject', '==')})`,
    message: 'the healer cordons and taints a Node only with its record on it',
  },
  {
    resource: 'nodes',
    operation: 'DELETE',
    allowed: `${recordOf('oldObject')}.orValue("").contains('"phase":"replaced"') && ${NAMES_THE_UID}`,
    message: 'the healer deletes a Node only by its UID, with its record in the phase "replaced"',
  },
];

export interface NodeCalls {
  readNode(name: string, signal: AbortSignal): Promise<NodeObject | undefined>;
  patchNode(name: string, patch: readonly PatchOperation[], signal: AbortSignal): Promise<NodeObject>;
  deleteNode(name: string, uid: string, signal: AbortSignal): Promise<void>;
}

export function nodeCalls(kube: KubeClient): NodeCalls {
  const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name }) as const;
  return {
    readNode: async (name, signal) => {
      const found = completeIfFound(await kube.find(node(name), call(signal)));
      return found && reduceNode(found);
    },
    patchNode: async (name, patch, signal) => {
      const version = patch.find(
        ({ op, path }) => op === 'test' && path === '/metadata/resourceVersion',
      )?.value;
      const isChanged = async (): Promise<boolean> =>
        completeIfFound(await kube.find(node(name), call(signal)))?.metadata.resourceVersion !== version;
      const write = kube.patch(node(name), 'json', patch, call(signal));
      return reduceNode(complete(await conflicts(`Node ${name}`, write, isChanged)));
    },
    deleteNode: async (name, uid, signal) => {
      const deletion = kube.delete(node(name), { ...call(signal), preconditions: { uid } });
      await conflicts(`Node ${name}`, goneIsDone(deletion));
    },
  };
}
