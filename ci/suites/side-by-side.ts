import type { Suite } from './tally.ts';

/** The same suites in the same order; neighbours that may run side by side make one group. */
export function groupsOf(suites: readonly Suite[]): readonly (readonly Suite[])[] {
  const groups: Suite[][] = [];
  for (const suite of suites) {
    const before = groups.at(-1);
    if (suite.sideBySide === true && before?.[0]?.sideBySide === true) before.push(suite);
    else groups.push([suite]);
  }
  return groups;
}

/** Begins them in their order, never more than `limit` at a time, and ends when all have ended. */
export async function atMost<Item>(
  limit: number,
  items: readonly Item[],
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const runNext = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: limit }, runNext));
}
