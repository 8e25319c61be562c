import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { nodeTestSuite } from './node-tests.ts';
import { bringUp } from './surroundings.ts';
import { addTallies, type SuiteResult } from './tally.ts';

/** Programs on loopback: they leave the host as it is, so that a test beside them may look at all of it. */
const ON_LOOPBACK = /^(harness\/observe|infra\/kube|infra\/monitoring)\//;

/**
 * Runs the test files that meet the real thing in two lanes, since most of their time is waiting: one with clusters, of
 * which there is one at a time, and one with API servers and Prometheus. Files that call `labCluster` or `sharedApiServer`
 * share what is brought up for them.
 */
export async function realSuite(
  files: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<SuiteResult> {
  const sourceOf = (file: string): string => readFileSync(join(root, file), 'utf8');
  const onLab = files.filter((file) => sourceOf(file).includes('labCluster'));
  const onApiServer = files.filter((file) => sourceOf(file).includes('sharedApiServer'));
  const others = files.filter((file) => !onLab.includes(file) && !onApiServer.includes(file));
  const program = (name: string): string => join(root, 'infra', 'testing', name);
  const lanes = [
    async () => [
      await sharingSuite(program('lab-main.ts'), onLab, signal),
      await nodeTestSuite(
        others.filter((file) => !ON_LOOPBACK.test(file)),
        1,
        signal,
      ),
    ],
    async () => [
      await sharingSuite(program('api-server-main.ts'), onApiServer, signal),
      await nodeTestSuite(
        others.filter((file) => ON_LOOPBACK.test(file)),
        1,
        signal,
      ),
    ],
  ];
  const results = (await Promise.all(lanes.map((lane) => lane()))).flat();
  return { ...addTallies(results), times: results.flatMap(({ times = [] }) => times) };
}

/** Test files one after the other on what a program brings up for them. */
async function sharingSuite(
  program: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<SuiteResult> {
  try {
    await using surroundings = await bringUp(program, process.env, signal);
    return await nodeTestSuite(files, 1, signal, surroundings.environment);
  } catch (error) {
    if (signal.aborted) return { passed: 0, failed: 0, skipped: 0 };
    process.stdout.write(`  ✗ ${program}\n${inspect(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
