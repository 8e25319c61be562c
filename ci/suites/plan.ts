import type { Suite } from './tally.ts';

/**
 * The suites that run, in their order: all, or those that are named with what they need. Tests have time limits of their own,
 * and building the tool chain takes longer than any of them: so the first suite that needs it comes after the one that makes it.
 */
export function planSuites(suites: readonly Suite[], only?: readonly string[]): readonly Suite[] {
  const asked = suites.filter(({ name }) => only === undefined || only.includes(name));
  const needed = new Set(asked.flatMap(({ needs }) => needs ?? []));
  return suites.filter((suite) => asked.includes(suite) || needed.has(suite.name));
}
