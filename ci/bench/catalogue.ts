import { attaching } from './attach.ts';
import type { Bench } from './bench.ts';
import { bootstrap, tools, toolsCold } from './commands.ts';
import { firstInjection } from './first-injection.ts';
import { comparisons, memory } from './memory.ts';
import { recoveries } from './recovery.ts';
import { nodesReady, stack } from './stack.ts';
import { start } from './start.ts';
import { weight } from './weight.ts';

/** Every figure of the README that is measured, in the order of its table. */
export const benches: readonly Bench[] = [
  bootstrap,
  tools,
  nodesReady,
  start,
  stack,
  memory,
  weight,
  toolsCold,
  ...recoveries,
  ...attaching,
  firstInjection,
  ...comparisons,
];
