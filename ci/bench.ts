/**
 * `npm run bench -- NAME`: measures the figures of the README, each with its runs, median and extremes.
 */
import { cpus, totalmem } from 'node:os';
import { describeError } from '../harness/core/errors.ts';
import { benches } from './bench/catalogue.ts';

const USAGE = `usage: npm run bench -- [NAME...] [--runs N] [--long]

${benches.map((bench) => `  ${bench.name.padEnd(20)}${bench.what}; target ${bench.target}${bench.long === true ? ' (long)' : ''}`).join('\n')}

Without a name all but the long ones are measured, with --long those, too.
`;

const args = process.argv.slice(2);
const names = args.filter((arg, index) => !arg.startsWith('--') && args[index - 1] !== '--runs');
const runsAt = args.indexOf('--runs');
const runs = runsAt < 0 ? undefined : Number(args[runsAt + 1]);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (
  args.includes('--help') ||
  unknown.length > 0 ||
  (runs !== undefined && !(Number.isInteger(runs) && runs > 0))
) {
  process.stdout.write(unknown.length > 0 ? `no bench is named ${unknown.join(', ')}\n${USAGE}` : USAGE);
  process.exit(args.includes('--help') ? 0 : 64);
}
const chosen = benches.filter((bench) =>
  names.length > 0 ? names.includes(bench.name) : bench.long !== true || args.includes('--long'),
);

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => abort.abort(new Error(`stopped by ${signal}`)));
// The bootstrap that started us was killed, and no signal says so.
process.once('disconnect', () => abort.abort(new Error('whoever started this is gone')));
const log = (line: string): void => void process.stdout.write(`  ${line}\n`);
log(
  `machine: ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
);
let failed = 0;
for (const bench of chosen) {
  process.stdout.write(`${bench.name}: ${bench.what}\n`);
  let figures: number[];
  try {
    figures = [...(await bench.measure(runs ?? bench.runs, abort.signal, log))].sort((a, b) => a - b);
  } catch (error) {
    failed++;
    process.stdout.write(`${bench.name}: no figure: ${describeError(error)}\n\n`);
    if (abort.signal.aborted) break;
    continue;
  }
  const at = (share: number): string =>
    (figures[Math.floor(share * (figures.length - 1))] ?? Number.NaN).toFixed(2);
  process.stdout.write(
    `${bench.name}: median ${at(0.5)} ${bench.unit}, ${at(0)} to ${at(1)}, n = ${figures.length}; target ${bench.target}\n\n`,
  );
}
process.exit(failed > 0 ? 1 : 0);
