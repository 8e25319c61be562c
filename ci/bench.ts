/**
 * `npm run bench -- NAME`: measures the figures of the README, each with its runs, median and extremes.
 */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../harness/core/errors.ts';
import { figuresOf, inWords, nameOf } from './bench/bench.ts';
import { benches } from './bench/catalogue.ts';
import {
  exitCodeOf,
  exitCodeOfError,
  readOrTell,
  requireKnown,
  takeMeasuringLock,
  untilInterrupted,
} from './suites/command-line.ts';

const USAGE = `usage: npm run bench -- (NAME... | --all) [--runs N]

${benches.map((bench) => `  ${nameOf(bench)}: ${bench.what}${bench.long === true ? ' (long)' : ''}`).join('\n')}

What is long takes minutes, and all of them take hours.
`;

const { chosen, runs } = readOrTell(USAGE, () => {
  const options = { runs: { type: 'string' }, all: { type: 'boolean', default: false } } as const;
  const { values, positionals: names } = parseArgs({ options, allowPositionals: true });
  if (values.all === names.length > 0) throw new Error('choose figures by their names, or --all');
  requireKnown(
    'figure',
    names,
    benches.flatMap(({ figures }) => Object.keys(figures)),
  );
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) throw new Error('--runs needs a number');
  return {
    chosen: benches.filter(({ figures }) => values.all || names.some((name) => name in figures)),
    runs,
  };
});

const write = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  using _lock = takeMeasuringLock(join(import.meta.dirname, '..'));
  using interruption = untilInterrupted();
  const { signal } = interruption;
  const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`;
  write(`machine: ${machine}, ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`);
  let failed = 0;
  for (const bench of chosen) {
    if (signal.aborted) break;
    write(`${nameOf(bench)}: ${bench.what}`);
    try {
      const measured = await figuresOf(bench, runs ?? bench.runs, signal, (line) => write(`  ${line}`));
      for (const [name, values] of measured) {
        const { unit = '', target = 'no promise' } = bench.figures[name] ?? {};
        write(`${name}: ${inWords(values)}, in ${unit}; target ${target}`);
      }
    } catch (error) {
      failed++;
      write(`${nameOf(bench)}: no figure: ${describeError(error)}`);
    }
    write('');
  }
  process.exitCode = exitCodeOf(failed, 0, signal);
} catch (error) {
  process.exitCode = exitCodeOfError(error);
}
