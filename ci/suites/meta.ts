import { nodeTestSuite } from './node-tests.ts';
import { addTallies, type SuiteResult } from './tally.ts';

/** These look at the whole host, before and after, and would see what is done beside them. */
const ALONE = /\.alone\.meta\.test\.ts$/;

/**
 * Runs test files that call the command line, two at a time, since most of their time is waiting: each has a state directory
 * of its own, and clusters in it that no other sees.
 */
export async function metaSuite(files: readonly string[], signal: AbortSignal): Promise<SuiteResult> {
  const alone = files.filter((file) => ALONE.test(file));
  const others = files.filter((file) => !alone.includes(file));
  const results = [await nodeTestSuite(alone, 1, signal), await nodeTestSuite(others, 2, signal)];
  return { ...addTallies(results), times: results.flatMap(({ times = [] }) => times) };
}
