import type { Suite } from './tally.ts';

/** What was asked for on the command line. */
export interface Asked {
  /** Names of suites; absent: all but the long ones. */
  readonly only?: readonly string[] | undefined;
  readonly long: boolean;
}

/**
 * The suites that run, in their order. Tests have time limits of their own, and building the tool chain takes longer than
 * any of them: so the first suite that needs it comes after the one that makes it.
 */
export function planSuites(suites: readonly Suite[], { only, long }: Asked): readonly Suite[] {
  const asked = suites.filter(({ name, long: takesLong }) =>
    only === undefined ? takesLong !== true || long : only.includes(name),
  );
  const needed = new Set(asked.flatMap(({ needs }) => needs ?? []));
  return suites.filter((suite) => asked.includes(suite) || needed.has(suite.name));
}
