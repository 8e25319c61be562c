/**
 * `npm run check:long`: what takes minutes, in slices of at most 40. A slice that is started again goes on where it ended;
 * results of other sources do not count.
 * The last line is `N passed, N failed`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FiredrillError } from '../harness/core/errors.ts';
import { listingOf } from './long/listing.ts';
import { parts, unitsOf } from './long/parts.ts';
import { Records } from './long/records.ts';
import { runSlice, sliceOf } from './long/slice.ts';
import { differences, sourcesOf, versionOf } from './long/source-version.ts';
import {
  exitCodeOf,
  exitCodeOfError,
  readOrTell,
  requireKnown,
  takeMeasuringLock,
  untilInterrupted,
} from './suites/command-line.ts';
import { runProgram } from './suites/command.ts';
import { verdictLine } from './suites/tally.ts';

const root = join(import.meta.dirname, '..');
const recordsFile = join(root, '.firedrill', 'check-long.jsonl');

const USAGE = `usage: npm run check:long -- (--part NAME[,NAME] | --all) [--slice K/N]
       npm run check:long -- --list [--part NAME[,NAME]]

${parts.map(({ name, what }) => `  ${name.padEnd(12)}${what}`).join('\n')}

All of them take hours; --list says how long each unit took, and how many slices of 40 minutes that makes. Results
stand in ${recordsFile}, one line each.
`;

const { chosen, slice, list, isByName } = readOrTell(USAGE, () => {
  const { values } = parseArgs({
    options: {
      part: { type: 'string' },
      all: { type: 'boolean', default: false },
      slice: { type: 'string', default: '1/1' },
      list: { type: 'boolean', default: false },
    },
  });
  const { part, all, slice, list } = values;
  if (part === undefined ? !all && !list : all) throw new Error('choose by --part or by --all');
  const names = parts.map(({ name }) => name);
  const asked = part?.split(',') ?? names;
  requireKnown('part', asked, names);
  if (sliceOf([], slice) === undefined) throw new Error(`--slice needs K/N with K <= N, not ${slice}`);
  return {
    chosen: parts.filter(({ name }) => asked.includes(name)),
    slice,
    list,
    isByName: part !== undefined,
  };
});

const write = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
async function main(): Promise<number> {
  const sources = sourcesOf(root);
  const all = (await Promise.all(chosen.map(unitsOf))).flat();
  const units = sliceOf(all, slice) ?? [];
  if (units.length === 0)
    throw new FiredrillError('cli.bad-value', `--slice ${slice}: there are ${all.length} units only`);
  const records = new Records(recordsFile, versionOf(sources));
  const changed = [...sources.changed.keys()].join(', ');
  write(`sources: ${versionOf(sources)}${changed === '' ? '' : `, other than the commit in: ${changed}`}`);
  if (list) {
    for (const part of chosen) {
      const listed = units.filter((unit) => unit.part === part.name);
      write(`\n${listingOf(part, listed, records).join('\n')}`);
    }
    return 0;
  }
  using _lock = takeMeasuringLock(root);
  using interruption = untilInterrupted();
  const { signal } = interruption;
  const absent = new Set<string>();
  const tools = [join(root, 'harness', 'cli', 'firedrill.ts'), 'toolchain', 'get'];
  const hasTools = (await runProgram(tools, signal)).code === 0 || signal.aborted;
  for (const { name, absence } of chosen.filter(({ name }) => units.some(({ part }) => part === name))) {
    const why = hasTools ? await absence?.() : 'the tool chain is not complete';
    if (why === undefined) continue;
    absent.add(name);
    write(`${name} cannot run here: ${why}`);
  }
  const changes = (): readonly string[] => differences(sources, sourcesOf(root));
  const end = await runSlice({ units, absent, records, changes, write, signal });
  for (const line of end.left) write(`left: ${line}`);
  // A part that was asked for by its name and cannot run here has not shown it; among all parts it is one that is left.
  const failed = end.failed + (isByName ? absent.size : 0);
  write(verdictLine({ passed: end.passed, failed, skipped: 0 }));
  return exitCodeOf(failed, end.left.length, signal);
}

let exitCode: number;
try {
  exitCode = await main();
} catch (error) {
  exitCode = exitCodeOfError(error);
  // What the user can mend was told before anything ran.
  if (exitCode === 1) write(verdictLine({ passed: 0, failed: 1, skipped: 0 }));
}
// A unit that did not end when it was asked to must not keep the prompt away.
process.exit(exitCode);
