import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { chainLine } from '../../harness/core/journal/chain.ts';
import { synthesise } from '../../harness/judge/testing/synthetic-trial.ts';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import { runProgram } from '../suites/command.ts';
import type { Bench } from './bench.ts';

const FIREDRILL = join(import.meta.dirname, '..', '..', 'harness', 'cli', 'firedrill.ts');
/** More than five hours at 20 requests a second. */
const WATCHED_MS = 19_800_000;
/** Tells on its way out what the process has needed at most. */
const TELL_MEMORY = `data:text/javascript,process.on('exit',()=>console.log('most:',process.resourceUsage().maxRSS))`;

/** What a long trial costs to be judged again. */
export const analyzing: readonly Bench[] = [
  {
    what: '`firedrill analyze` of a journal of 100 MB, and the most memory that it takes',
    figures: {
      'analyze-seconds': { unit: 's', target: '<= 5 s' },
      'analyze-memory': { unit: 'MB', target: '<= 300 MB' },
    },
    runs: 3,
    async *measure(_, signal) {
      const folder = makeTemporaryFolder('firedrill-bench-');
      try {
        const path = join(folder, 'journal.jsonl');
        writeJournal(path);
        const args = ['--import', TELL_MEMORY, FIREDRILL, 'analyze', path];
        for (;;) {
          const startedMs = performance.now();
          const { code, output } = await runProgram(args, signal, { output: 'kept' });
          const seconds = (performance.now() - startedMs) / 1000;
          const [, kilobytes] = /^most: (\d+)$/m.exec(output) ?? [];
          if (code !== 0 || kilobytes === undefined)
            throw new Error(`analyze exited with code ${code ?? '?'}: ${output}`);
          yield { 'analyze-seconds': seconds, 'analyze-memory': Number(kilobytes) / 1000 };
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
];

/** A trial in which nothing is wrong but its length; its instants have as many digits as those of real ones. */
function writeJournal(path: string): void {
  const file = openSync(path, 'w');
  let digest = '';
  for (const entry of synthesise({ watchedForMs: WATCHED_MS, started: { schema: 2 } })) {
    const next = chainLine(digest, JSON.stringify({ ...entry, monoMs: entry.monoMs + 0.216_221 }));
    digest = next.digest;
    writeSync(file, `${next.line}\n`);
  }
  closeSync(file);
  const megabytes = statSync(path).size / 1e6;
  if (megabytes < 100) throw new Error(`a journal of ${megabytes.toFixed(0)} MB is too short`);
}
