import type { FaultRow, FaultTrace } from '../fault-row.ts';

const LOST_NODE: readonly FaultTrace[] = ['node', 'replicas', 'healer', 'requests'];

export const NODE_FAULTS = {
  'node.power-off': {
    done: 'powered off',
    hits: 'node',
    lasts: 'permanent',
    harm: 'node-loss',
    leaves: LOST_NODE,
    needs: ['node.power'],
    parameters: {},
  },
  'node.freeze': {
    done: 'frozen',
    hits: 'node',
    lasts: 'timed',
    harm: 'node-loss',
    leaves: LOST_NODE,
    needs: ['node.freeze'],
    parameters: {},
  },
  'node.cable-out': {
    done: 'cut off from the network',
    hits: 'node',
    lasts: 'timed',
    harm: 'node-loss',
    leaves: LOST_NODE,
    needs: ['node.cable'],
    parameters: {},
  },
} as const satisfies Readonly<Record<string, FaultRow>>;
