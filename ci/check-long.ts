/**
 * `npm run check:long`: what takes minutes, in slices of at most 40. A slice that is started again goes on where it ended;
 * results of other sources do not count. Exit code: 1 where something has failed, 2 where something is left, 0 otherwise.
 * The last line is `N passed, N failed`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, FiredrillError } from '../harness/core/errors.ts';
import { type Interrupted, listenForInterruption } from '../harness/run/interruption.ts';
import { listingOf } from './long/listing.ts';
import { parts, unitsOf } from './long/parts.ts';
import { Records } from './long/records.ts';
import { runSlice, sliceOf } from './long/slice.ts';
import { sourceVersion } from './long/source-version.ts';
import { readOrTell, requireKnown } from './suites/command-line.ts';
import { commandSuite } from './suites/command.ts';
import { verdictLine } from './suites/tally.ts';

const root = join(import.meta.dirname, '..');
const recordsFile = join(root, '.firedrill', 'check-long.jsonl');

const USAGE = `usage: npm run check:long -- [--part NAME[,NAME]] [--slice K/N] [--list]

${parts.map(({ name, what }) => `  ${name.padEnd(12)}${what}`).join('\n')}

Without a part all of them. Results stand in ${recordsFile}, one line each.
`;

const { chosen, units, list, isByName } = readOrTell(USAGE, () => {
  const { values } = parseArgs({
    options: {
      part: { type: 'string' },
      slice: { type: 'string', default: '1/1' },
      list: { type: 'boolean' },
    },
  });
  const names = parts.map(({ name }) => name);
  const asked = values.part?.split(',') ?? names;
  requireKnown('part', asked, names);
  const chosen = parts.filter(({ name }) => asked.includes(name));
  const all = chosen.flatMap(unitsOf);
  const units = sliceOf(all, values.slice);
  if (units === undefined) throw new Error(`--slice needs K/N with K <= N, not ${values.slice}`);
  if (units.length === 0) throw new Error(`--slice ${values.slice}: there are ${all.length} units only`);
  return { chosen, units, list: values.list, isByName: values.part !== undefined };
});
const write = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const commit = sourceVersion(root);
  const records = new Records(recordsFile, commit);
  write(`sources: ${commit}`);
  if (list === true) {
    for (const part of chosen) {
      const listed = units.filter((unit) => unit.part === part.name);
      write(`\n${listingOf(part, listed, records).join('\n')}`);
    }
    process.exit(0);
  }

  const absent = new Set<string>();
  for (const { name, absence } of chosen.filter(({ name }) => units.some(({ part }) => part === name))) {
    const why = await absence?.();
    if (why === undefined) continue;
    absent.add(name);
    write(`${name} cannot run here: ${why}`);
  }
  using interruption = listenForInterruption(() => process.exit(1));
  const { signal } = interruption;
  const tools = [join(root, 'harness', 'cli', 'firedrill.ts'), 'toolchain', 'get'];
  if ((await commandSuite(tools, signal)).failed > 0)
    write('the tool chain is not complete, so what needs it will fail');
  const isUnchanged = (): boolean => sourceVersion(root) === commit;
  const end = await runSlice({ units, absent, records, isUnchanged, write, signal });
  for (const line of end.left) write(`left: ${line}`);
  // A part that was asked for by its name and cannot run here has not shown it; among all parts it is one that is left.
  const failed = end.failed + (isByName ? absent.size : 0);
  process.exitCode = failed > 0 ? 1 : end.left.length > 0 ? 2 : 0;
  if (signal.aborted) process.exitCode = (signal.reason as Interrupted).exitCode;
  write(verdictLine({ passed: end.passed, failed, skipped: 0 }));
} catch (error) {
  write(describeError(error));
  process.exitCode = error instanceof FiredrillError && error.userError ? 64 : 1;
}
