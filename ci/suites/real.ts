import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { nodeTestSuite } from './node-tests.ts';
import { bringUp } from './surroundings.ts';
import { addTallies, type Tally } from './tally.ts';

/** What test files share that call a function, and the program that brings it up for all of them. */
interface Sharing {
  readonly call: string;
  readonly program: string;
}

const SHARING: readonly Sharing[] = [
  { call: 'labCluster', program: 'infra/testing/lab-main.ts' },
  { call: 'sharedApiServer', program: 'infra/testing/api-server-main.ts' },
];

/** Runs the test files that meet the real thing: those that share a cluster or an API server one after the other on it. */
export async function realSuite(files: readonly string[], root: string, signal: AbortSignal): Promise<Tally> {
  const sharingOf = (file: string): Sharing | undefined => {
    const source = readFileSync(join(root, file), 'utf8');
    return SHARING.find(({ call }) => source.includes(call));
  };
  const groups = Map.groupBy(files, sharingOf);
  const tallies: Tally[] = [];
  for (const [sharing, members] of groups) {
    if (signal.aborted) break;
    tallies.push(
      sharing === undefined
        ? await nodeTestSuite(members, 1, signal)
        : await sharingSuite(sharing, members, root, signal),
    );
  }
  return addTallies(tallies);
}

async function sharingSuite(
  { program }: Sharing,
  files: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<Tally> {
  try {
    await using surroundings = await bringUp(join(root, program), process.env, signal);
    return await nodeTestSuite(files, 1, signal, surroundings.environment);
  } catch (error) {
    if (signal.aborted) return { passed: 0, failed: 0, skipped: 0 };
    process.stdout.write(`  ✗ ${program}\n${inspect(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
