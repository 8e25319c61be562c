import type { Peer } from '../agents/manifest/access.ts';

export const MONITORING_NAMESPACE = 'monitoring';
export const PROMETHEUS = { name: 'prometheus', port: 9090 } as const;
export const ALERTMANAGER = { name: 'alertmanager', port: 9093 } as const;
/** Where our own connect from. */
export const PROMETHEUS_PODS: Peer = { namespace: MONITORING_NAMESPACE, app: PROMETHEUS.name };
export const ALERTMANAGER_PODS: Peer = { namespace: MONITORING_NAMESPACE, app: ALERTMANAGER.name };
