/** Runs one seed again, with the misfortunes that are given, and prints its log; ends with 1 when a rule is broken. */
import { parseArgs } from 'node:util';
import { MISFORTUNES, type Misfortune } from './misfortunes.ts';
import { scheduleOf, type Scheduled } from './schedule.ts';
import { shrink } from './shrink.ts';
import { simulate, type SimulationResult } from './simulate.ts';

const LOG_LINES = 60;

/** What people are told of a seed that broke a rule: the least that befell it, the line that runs it again, the end of its log. */
export async function tellFailure(
  seed: number,
  failed: { readonly schedule: readonly Scheduled[]; readonly result: SimulationResult },
  run: (schedule: readonly Scheduled[]) => Promise<SimulationResult>,
): Promise<string> {
  const { schedule, result } = await shrink(failed, run);
  return [
    `seed ${seed}: ${result.violations.join('; ')}`,
    `again: ${replayLine(seed, schedule)}`,
    `${schedule.length} of its ${failed.schedule.length} misfortunes suffice: ${result.happened.join('; ')}`,
    ...result.log.slice(-LOG_LINES),
  ].join('\n');
}

/** The command that runs a seed with just these misfortunes, by the Node that runs this. */
function replayLine(seed: number, schedule: readonly Scheduled[]): string {
  const words = schedule.map(({ misfortune, atMs, forMs, lot }) => `${misfortune}@${atMs}+${forMs}/${lot}`);
  return [process.execPath, import.meta.filename, seed, ...words].join(' ');
}

function readScheduled(word: string): Scheduled {
  const [, name = '', ...numbers] = /^([a-z-]+)@(\d+)\+(\d+)\/(\d+)$/.exec(word) ?? [];
  if (!(name in MISFORTUNES)) throw new Error(`no misfortune: ${word}; one is written NAME@ATms+FORms/LOT`);
  const [atMs = 0, forMs = 0, lot = 0] = numbers.map(Number);
  return { misfortune: name as Misfortune, atMs, forMs, lot };
}

if (import.meta.main) {
  const [seed, ...words] = parseArgs({ allowPositionals: true }).positionals;
  if (!/^\d+$/.test(seed ?? '')) throw new Error('usage: replay.ts SEED [MISFORTUNE@ATms+FORms/LOT ...]');
  const options = { seed: Number(seed) };
  const schedule = words.length > 0 ? words.map(readScheduled) : scheduleOf(options);
  const { log, violations } = await simulate({ ...options, schedule });
  process.stdout.write(`${log.join('\n')}\n${replayLine(options.seed, schedule)}\n`);
  process.stdout.write(`${violations.length === 0 ? 'no rule is broken' : violations.join('\n')}\n`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
