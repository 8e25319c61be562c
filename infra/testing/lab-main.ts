import { bringUpLab } from './lab-cluster.ts';
import { serveSurroundings } from './surroundings.ts';

await serveSurroundings(bringUpLab);
