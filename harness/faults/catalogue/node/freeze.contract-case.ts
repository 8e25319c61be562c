import { nodeCase } from '../../testing/node-case.ts';
import { nodeFreeze } from './freeze.ts';

export const contractCase = nodeCase(nodeFreeze);
