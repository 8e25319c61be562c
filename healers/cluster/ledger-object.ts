import type { KubeClient } from '../../infra/kube/client.ts';
import type { ConfigMap } from '../../infra/kube/objects.ts';
import { permissions } from '../runtime/permission.ts';
import { call, complete, completeIfFound, conflicts } from './call.ts';
import type { ConfigMapObject } from './objects.ts';

export const LEDGER = 'firedrill-healer-ledger';

export const LEDGER_PERMISSIONS = [
  ...permissions({ scope: 'own', group: '', resource: 'configmaps' }, { create: 'ledger' }),
  ...permissions(
    { scope: 'own', group: '', resource: 'configmaps', names: [LEDGER] },
    { get: 'ledger', update: 'ledger' },
  ),
];

export interface LedgerCalls {
  readLedger(signal: AbortSignal): Promise<ConfigMapObject | undefined>;
  /** Creates or replaces the ledger; the object read before gives the precondition. */
  writeLedger(
    before: ConfigMapObject | undefined,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ConfigMapObject>;
}

export function ledgerCalls(kube: KubeClient, namespace: string): LedgerCalls {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
  return {
    readLedger: async (signal) =>
      completeIfFound(await kube.find({ ...kind, namespace, name: LEDGER }, call(signal))),
    writeLedger: async (before, data, signal) => {
      const version =
        before === undefined
          ? {}
          : { uid: before.metadata.uid, resourceVersion: before.metadata.resourceVersion };
      const object = { ...kind, metadata: { name: LEDGER, namespace, ...version }, data: { ...data } };
      const write =
        before === undefined ? kube.create(object, call(signal)) : kube.replace(object, call(signal));
      return complete(await conflicts<ConfigMap>(`ConfigMap ${LEDGER}`, write));
    },
  };
}
