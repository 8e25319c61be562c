import { nodeCase } from '../../testing/node-case.ts';
import { nodeCableOut } from './cable-out.ts';

export const contractCase = nodeCase(nodeCableOut);
