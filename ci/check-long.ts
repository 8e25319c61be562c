/**
 * `npm run check:long`: what takes minutes, in slices of at most 40. A slice that is started again goes on where it ended;
 * results of other sources do not count. Exit code: 1 where something has failed, 2 where something is left, 0 otherwise.
 * The last line is `N passed, N failed`.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, messageOf } from '../harness/core/errors.ts';
import { listingOf } from './long/listing.ts';
import { parts } from './long/parts.ts';
import { parseSlice, sliceOf } from './long/plan.ts';
import { readRecords } from './long/records.ts';
import { runSlice, type SliceUnit } from './long/run-slice.ts';
import { sourceVersion } from './long/source-version.ts';
import type { Part } from './long/unit.ts';
import { commandSuite } from './suites/command.ts';
import { stopSignal } from './suites/stop-signal.ts';
import { verdictLine } from './suites/tally.ts';

const root = join(import.meta.dirname, '..');
const recordsFile = join(root, '.firedrill', 'check-long.jsonl');

const USAGE = `usage: npm run check:long -- [--part NAME[,NAME]] [--slice K/N] [--list]

${parts.map(({ name, what }) => `  ${name.padEnd(12)}${what}`).join('\n')}

Without a part all of them. Results stand in ${recordsFile}, one line each.
`;

const write = (line: string): void => void process.stdout.write(`${line}\n`);

function fail(message: string): never {
  process.stderr.write(`${message}\n${USAGE}`);
  process.exit(64);
}

function parsed() {
  try {
    return parseArgs({
      options: {
        part: { type: 'string' },
        slice: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    return fail(messageOf(error));
  }
}

async function unitsOf(part: Part): Promise<readonly SliceUnit[]> {
  const units = await part.units(stop);
  return units.map((unit) => ({
    ...{ ...unit, part: part.name, unit: unit.name },
    guessMs: part.unitMinutes * 60_000,
  }));
}

const args = parsed();
if (args.help === true) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const asked = args.part?.split(',') ?? parts.map(({ name }) => name);
const unknown = asked.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) fail(`unknown part ${unknown.join(', ')}`);
const slice =
  parseSlice(args.slice ?? '1/1') ?? fail(`--slice needs K/N with K <= N, not ${args.slice ?? ''}`);
const chosen = parts.filter(({ name }) => asked.includes(name));

const stop = stopSignal();
const commit = sourceVersion(root);
write(`sources: ${commit}`);
if (args.list === true) {
  const records = readRecords(recordsFile);
  for (const part of chosen) {
    const units = await unitsOf(part);
    const guessMs = part.unitMinutes * 60_000;
    write(`\n${listingOf({ name: part.name, what: part.what, guessMs, units }, records, commit).join('\n')}`);
  }
  process.exit(0);
}

const units = sliceOf((await Promise.all(chosen.map(unitsOf))).flat(), slice);
const absent = new Set<string>();
for (const part of chosen.filter(({ name }) => units.some((unit) => unit.part === name))) {
  const absence = await part.absence?.();
  if (absence === undefined) continue;
  absent.add(part.name);
  write(`${part.name} cannot run here: ${absence.why}\n  next: ${absence.hint}`);
}
const tools = [join(root, 'harness', 'cli', 'firedrill.ts'), 'toolchain', 'get'];
if ((await commandSuite(process.execPath, tools, stop)).failed > 0)
  write('the tool chain is not complete, so what needs it will fail');
try {
  const end = await runSlice({
    ...{ units, absent, commit, recordsFile, write, signal: stop },
    commitNow: () => sourceVersion(root),
  });
  for (const line of end.left) write(`left: ${line}`);
  // A part that cannot run here has not shown what it was asked for.
  const failed = end.failed + absent.size;
  if (!stop.aborted) process.exitCode = failed > 0 ? 1 : end.left.length > 0 ? 2 : 0;
  write(verdictLine({ passed: end.passed, failed, skipped: 0 }));
} catch (error) {
  write(describeError(error));
  process.exitCode = 1;
}
