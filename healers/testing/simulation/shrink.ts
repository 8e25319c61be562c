import { DURATIONS_MS, type Scheduled } from './schedule.ts';
import type { SimulationResult } from './simulate.ts';

/** What befalls a run, and what came of it. */
interface Befallen {
  readonly schedule: readonly Scheduled[];
  readonly result: SimulationResult;
}

/** The least that still breaks one of the same rules: misfortunes are left out one by one, and those that stay are made short. */
export async function shrink(
  failed: Befallen,
  run: (schedule: readonly Scheduled[]) => Promise<SimulationResult>,
): Promise<Befallen> {
  const rules = new Set(failed.result.violations.map(ruleOf));
  let least = failed;
  const stillFails = async (schedule: readonly Scheduled[]): Promise<boolean> => {
    const result = await run(schedule);
    if (!result.violations.some((each) => rules.has(ruleOf(each)))) return false;
    least = { schedule, result };
    return true;
  };
  // Without one of them another may be needed no more, so they are gone through until all are needed.
  for (let before = Infinity; least.schedule.length < before;) {
    before = least.schedule.length;
    for (let index = before - 1; index >= 0; index--) await stillFails(least.schedule.toSpliced(index, 1));
  }
  for (const [index, each] of least.schedule.entries())
    for (const forMs of DURATIONS_MS)
      if (forMs >= each.forMs || (await stillFails(least.schedule.with(index, { ...each, forMs })))) break;
  return least;
}

/** A violation without its time, its names and its numbers. */
function ruleOf(violation: string): string {
  return violation.replace(/^at \S+ s: |\b(node|pod|healer|zone)-\S+|\d+/g, '');
}
