import type { Bench } from './bench.ts';
import { commands } from './commands.ts';
import { firstInjections } from './first-injection.ts';
import { firstRuns } from './first-run.ts';
import { recoveries } from './goals.ts';
import { scaling } from './healer-scale.ts';
import { idling } from './idle.ts';
import { analyzing } from './large-journal.ts';
import { starts } from './start.ts';
import { starving } from './starvation.ts';

/** Every figure of the README that is measured. */
export const benches: readonly Bench[] = [
  ...commands,
  ...starts,
  ...idling,
  ...analyzing,
  ...recoveries,
  ...firstInjections,
  ...firstRuns,
  ...scaling,
  ...starving,
];
