import type { FaultRow } from '../fault-row.ts';

export const NODE_FAULTS = {
  'node.power-off': {
    done: 'powered off',
    hits: 'node',
    lasts: 'permanent',
    harm: 'node-loss',
    needs: ['node.power'],
    parameters: {},
  },
  'node.freeze': {
    done: 'frozen',
    hits: 'node',
    lasts: 'timed',
    harm: 'node-loss',
    needs: ['node.freeze'],
    parameters: {},
  },
  'node.cable-out': {
    done: 'cut off from the network',
    hits: 'node',
    lasts: 'timed',
    harm: 'node-loss',
    needs: ['node.cable'],
    parameters: {},
  },
} as const satisfies Readonly<Record<string, FaultRow>>;
