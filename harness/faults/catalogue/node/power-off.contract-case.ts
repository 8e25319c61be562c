import { nodeCase } from '../../testing/node-case.ts';
import { nodePowerOff } from './power-off.ts';

export const contractCase = nodeCase(nodePowerOff);
