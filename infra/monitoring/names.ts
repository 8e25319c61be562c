export const MONITORING_NAMESPACE = 'monitoring';
export const PROMETHEUS = { name: 'prometheus', port: 9090 } as const;
export const ALERTMANAGER = { name: 'alertmanager', port: 9093 } as const;
