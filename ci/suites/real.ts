import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { nodeTestSuite } from './node-tests.ts';
import { addTallies, type SuiteResult } from './tally.ts';

/** Programs on loopback: they leave the host as it is, so that a test beside them may look at all of it. */
const ON_LOOPBACK = /^(harness\/observe|infra\/kube|infra\/monitoring|reports)\//;
/** Tests that measure to the millisecond how punctual a program is: nothing runs beside them. */
const PUNCTUAL = /^infra\/agents\/probe\//;

type Group = 'lab' | 'host' | 'api-server' | 'loopback' | 'punctual';

function groupOf(file: string, source: string): Group {
  if (source.includes('labCluster')) return 'lab';
  if (source.includes('sharedApiServer')) return 'api-server';
  if (PUNCTUAL.test(file)) return 'punctual';
  return ON_LOOPBACK.test(file) ? 'loopback' : 'host';
}

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
  const groups = Map.groupBy(files, (file) => groupOf(file, readFileSync(join(root, file), 'utf8')));
  const alone = (group: Group): Promise<SuiteResult> => nodeTestSuite(groups.get(group) ?? [], 1, signal);
  const sharing = (group: Group, program: string): Promise<SuiteResult> =>
    sharingSuite(join(root, 'infra', 'testing', program), groups.get(group) ?? [], signal);
  const lanes = [
    async () => [await sharing('lab', 'lab-main.ts'), await alone('host')],
    async () => [await sharing('api-server', 'api-server-main.ts'), await alone('loopback')],
  ];
  const results = (await Promise.all(lanes.map((lane) => lane()))).flat();
  results.push(await alone('punctual'));
  return { ...addTallies(results), times: results.flatMap(({ times = [] }) => times) };
}

/** Test files one after the other on what a program brings up for them. */
async function sharingSuite(
  program: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<SuiteResult> {
  try {
    await using fixture = await bringUp(program, process.env, signal);
    return await nodeTestSuite(files, 1, signal, fixture.environment);
  } catch (error) {
    if (signal.aborted) return { passed: 0, failed: 0, skipped: 0 };
    process.stdout.write(`  ✗ ${program}\n${inspect(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * Starts a program that brings up what test files share, and says in one line of JSON by which environment they find it
 * (`infra/testing/shared-fixture.ts`). It ends when its standard input does: also where this process is killed.
 */
export async function bringUp(
  program: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ readonly environment: NodeJS.ProcessEnv } & AsyncDisposable> {
  // In a process group of its own: a Ctrl-C is this process's to hear, and then to pass on.
  const child = spawn(process.execPath, [program], {
    ...{ env, detached: true },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const takeDown = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  try {
    const said = await Promise.race([
      once(child.stdout, 'data', { signal }),
      ended.then(([code]) => {
        throw new Error(`${program} ended with code ${String(code)} before all was up`);
      }),
    ]);
    const environment = JSON.parse(String(said[0])) as NodeJS.ProcessEnv;
    return { environment, [Symbol.asyncDispose]: takeDown };
  } catch (error) {
    await takeDown();
    throw error;
  }
}
