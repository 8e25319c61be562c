import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { chainLine } from '../../harness/core/journal/chain.ts';
import { synthesise } from '../../harness/judge/testing/synthetic-trial.ts';
import { makeTemporaryFolder } from '../../infra/process/temporary-folder.ts';
import type { Bench } from './bench.ts';

const FIREDRILL = join(import.meta.dirname, '..', '..', 'harness', 'cli', 'firedrill.ts');
/** More than five hours at 20 requests a second. */
const WATCHED_MS = 19_800_000;
/** Tells on its way out what the process has needed at most. */
const TELL_MEMORY = `data:text/javascript,process.on('exit',()=>process.stderr.write(String(process.resourceUsage().maxRSS)))`;

interface Judged {
  readonly seconds: number;
  readonly megabytes: number;
}

/** What a long trial costs to be judged again. */
export const analyzing: readonly Bench[] = [
  {
    what: '`firedrill analyze` of a journal of 100 MB',
    targets: { 'analyze-seconds': '<= 5 s' },
    ...{ unit: 's', runs: 3 },
    *measure() {
      for (const { seconds } of judgements()) yield { 'analyze-seconds': seconds };
    },
  },
  {
    what: 'the most memory that it takes',
    targets: { 'analyze-memory': '<= 300 MB' },
    ...{ unit: 'MB', runs: 3 },
    *measure() {
      for (const { megabytes } of judgements()) yield { 'analyze-memory': megabytes };
    },
  },
];

function* judgements(): Iterable<Judged> {
  const folder = makeTemporaryFolder('firedrill-bench-');
  try {
    const path = join(folder, 'journal.jsonl');
    writeJournal(path);
    for (;;) {
      const startedMs = performance.now();
      const args = ['--import', TELL_MEMORY, FIREDRILL, 'analyze', path];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`analyze exited with code ${status ?? '?'}: ${stderr}`);
      yield { seconds: (performance.now() - startedMs) / 1000, megabytes: Number(stderr) / 1000 };
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

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
