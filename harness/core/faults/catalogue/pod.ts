import type { FaultRow } from '../fault-row.ts';

export const POD_FAULTS = {
  'pod.kill': {
    done: 'killed',
    hits: 'pod',
    lasts: 'permanent',
    harm: 'pod-loss',
    leaves: ['replicas', 'deletion', 'requests'],
    needs: [],
    parameters: {},
  },
} as const satisfies Readonly<Record<string, FaultRow>>;
