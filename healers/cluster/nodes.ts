import type { KubeClient } from '../../infra/kube/client.ts';
import { permissions } from '../runtime/permission.ts';
import { call, complete, completeIfFound, conflicts } from './call.ts';
import { goneIsDone } from '../../infra/kube/errors.ts';
import type { NodeObject, PatchOperation } from './objects.ts';

export const NODE_PERMISSIONS = permissions(
  { scope: 'cluster', group: '', resource: 'nodes' },
  { get: 'live read before acting', patch: 'cordon, record, taint', delete: 'retire a replaced node' },
);

export interface NodeCalls {
  readNode(name: string, signal: AbortSignal): Promise<NodeObject | undefined>;
  patchNode(name: string, patch: readonly PatchOperation[], signal: AbortSignal): Promise<NodeObject>;
  deleteNode(name: string, uid: string, signal: AbortSignal): Promise<void>;
}

export function nodeCalls(kube: KubeClient): NodeCalls {
  const node = (name: string) => ({ apiVersion: 'v1', kind: 'Node', name }) as const;
  return {
    readNode: async (name, signal) => completeIfFound(await kube.find(node(name), call(signal))),
    patchNode: async (name, patch, signal) => {
      const version = patch.find(
        ({ op, path }) => op === 'test' && path === '/metadata/resourceVersion',
      )?.value;
      const isChanged = async (): Promise<boolean> =>
        (await kube.find(node(name), call(signal)))?.metadata?.resourceVersion !== version;
      const write = kube.patch(node(name), 'json', patch, call(signal));
      return complete(await conflicts(`Node ${name}`, write, isChanged));
    },
    deleteNode: async (name, uid, signal) => {
      const deletion = kube.delete(node(name), { ...call(signal), preconditions: { uid } });
      await conflicts(`Node ${name}`, goneIsDone(deletion));
    },
  };
}
