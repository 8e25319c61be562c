/**
 * `npm run bench -- NAME`: measures the figures of the README, each with its runs, median and extremes.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { describeError } from '../harness/core/errors.ts';
import { listenForInterruption } from '../harness/run/interruption.ts';
import { type Bench, figuresOf, inWords, nameOf } from './bench/bench.ts';
import { benches } from './bench/catalogue.ts';
import { readOrTell, requireKnown } from './suites/command-line.ts';

const USAGE = `usage: npm run bench -- [NAME...] [--runs N] [--long]

${benches.map((bench) => `  ${nameOf(bench)}: ${bench.what}${bench.long === true ? ' (long)' : ''}`).join('\n')}

Without a name all but the long ones are measured, with --long those, too.
`;

const { chosen, runs } = readOrTell(USAGE, () => {
  const options = { runs: { type: 'string' }, long: { type: 'boolean' } } as const;
  const { values, positionals: names } = parseArgs({ options, allowPositionals: true });
  requireKnown(
    'figure',
    names,
    benches.flatMap(({ targets }) => Object.keys(targets)),
  );
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && !(Number.isInteger(runs) && runs > 0)) throw new Error('--runs needs a number');
  const isAsked = ({ targets, long }: Bench): boolean =>
    names.length > 0 ? names.some((name) => name in targets) : long !== true || values.long === true;
  return { chosen: benches.filter(isAsked), runs };
});

using interruption = listenForInterruption(() => process.exit(1));
const { signal } = interruption;
const write = (line: string): void => void process.stdout.write(`${line}\n`);
write(
  `machine: ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
);
for (const bench of chosen) {
  write(`${nameOf(bench)}: ${bench.what}`);
  try {
    const figures = await figuresOf(bench, runs ?? bench.runs, signal, (line) => write(`  ${line}`));
    for (const [name, values] of figures)
      write(`${name}: ${inWords(values)}, in ${bench.unit}; target ${bench.targets[name] ?? ''}`);
  } catch (error) {
    process.exitCode = 1;
    write(`${nameOf(bench)}: no figure: ${describeError(error)}`);
    if (signal.aborted) break;
  }
  write('');
}
