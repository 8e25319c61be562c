import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FiredrillError, messageOf } from '../harness/core/errors.ts';
import { isMissing } from '../harness/core/file-errors.ts';
import { given } from '../harness/core/given.ts';
import { isRecord } from '../harness/core/is-record.ts';
import {
  JournalParser,
  type JournalContent,
  type JournalProof,
} from '../harness/core/journal/parse-journal.ts';
import { RUN_FILES, type RunFacts } from '../harness/core/journal/run-files.ts';
import { missingIn, shapeCheck, type Shape } from '../harness/core/shape.ts';
import type { Verdict } from '../harness/core/verdict.ts';
import { startOf, unjudged, type TrialRecord } from './facts/trial-record.ts';

const OUTCOMES = ['held', 'violated', 'inconclusive'] as const;
const VERDICT = shapeCheck({
  schema: 'number',
  trialId: 'text',
  runId: 'text',
  scenario: 'text',
  title: 'text',
  outcome: OUTCOMES,
  expected: OUTCOMES,
  asExpected: 'flag',
  reason: 'text',
  marks: 'records',
  recovery: 'record',
  capacity: 'record',
  requests: 'record',
  findings: 'records',
  seed: 'number',
  'runSeed?': 'number',
  control: 'flag',
  targets: 'records',
  cluster: 'record',
  versions: 'record',
  digests: 'record',
  'journalDigest?': 'text',
  deviations: 'texts',
  again: 'text',
} satisfies Shape<Verdict>);

/** The file `run.json`; undefined where it is missing or broken, since the trials tell enough. */
export async function readRunFacts(runDirectory: string): Promise<RunFacts | undefined> {
  const problems: string[] = [];
  const facts = await readable(
    async () =>
      JSON.parse(await readFile(join(runDirectory, RUN_FILES.facts), 'utf8')) as Partial<RunFacts> | null,
    RUN_FILES.facts,
    problems,
  );
  return facts?.schema === 1 ? (facts as RunFacts) : undefined;
}

/** Everything under `RUN/trials`, unfinished and damaged trials included, in the order in which they started. */
export async function readRun(runDirectory: string): Promise<TrialRecord[]> {
  const parent = join(runDirectory, RUN_FILES.trials);
  let names: string[];
  try {
    const found = await readdir(parent, { withFileTypes: true });
    names = found.filter((one) => one.isDirectory()).map((one) => one.name);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new FiredrillError('report.unreadable-run', `cannot list ${parent}: ${messageOf(cause)}`, {
      cause,
    });
  }
  const trials: TrialRecord[] = [];
  for (const name of names) trials.push(await readTrial(join(parent, name)));
  return trials.toSorted(
    (left, right) =>
      startedAt(left) - startedAt(right) || left.id.localeCompare(right.id, 'en', { numeric: true }),
  );
}

/** One trial's folder. What cannot be read becomes a problem of the record, never an empty report. */
async function readTrial(directory: string): Promise<TrialRecord> {
  const id = basename(directory);
  const problems: string[] = [];
  const journal = await readable(
    () => readJournal(join(directory, RUN_FILES.journal)),
    RUN_FILES.journal,
    problems,
  );
  const verdict = await readable(
    () => readVerdict(join(directory, RUN_FILES.verdict)),
    RUN_FILES.verdict,
    problems,
  );
  const entries = journal?.entries ?? [];
  if (journal?.torn === true) problems.push('the last line of the journal is torn: its writer was killed');
  const damage = damageOf(journal?.proof ?? {}, verdict?.journalDigest);
  // What is shown as held has to follow from the journal that lies there.
  const standing = damage.length === 0 ? verdict : undefined;
  const why = damage[0] ?? 'no verdict was written: the trial was cut short and not judged yet';
  return {
    id,
    directory,
    entries,
    ...given({ proof: journal?.proof }),
    verdict: standing ?? unjudged(id, entries, why),
    judged: standing !== undefined,
    problems: [...problems, ...damage],
  };
}

async function readJournal(file: string): Promise<JournalContent> {
  const parser = new JournalParser(file);
  for await (const chunk of createReadStream(file)) parser.push(chunk as Buffer);
  return parser.end();
}

/** A journal that was changed since it was judged is not what the verdict beside it speaks of. */
function damageOf({ digest, brokenAt, unreadable }: JournalProof, judged: string | undefined): string[] {
  const found: string[] = [];
  if (unreadable !== undefined)
    found.push(`line ${unreadable.line} of ${RUN_FILES.journal}: ${unreadable.reason}`);
  if (brokenAt !== undefined)
    found.push(`line ${brokenAt} of ${RUN_FILES.journal} does not follow from the lines before it`);
  if (judged !== undefined && judged !== digest)
    found.push(
      `${RUN_FILES.journal} is not the one that was judged: it ends with the digest ${digest ?? 'of nothing'}, and ${RUN_FILES.verdict} names ${judged}`,
    );
  return found;
}

async function readVerdict(file: string): Promise<Verdict> {
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  const missing = isRecord(parsed) ? missingIn(parsed, VERDICT) : 'an object';
  if (missing !== undefined || !isRecord(parsed) || parsed['schema'] !== 2)
    throw new FiredrillError(
      'report.bad-verdict',
      `${file}: not a verdict of schema 2${missing === undefined ? '' : `: without ${missing}`}`,
    );
  return parsed as unknown as Verdict;
}

async function readable<T>(read: () => Promise<T>, name: string, problems: string[]): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    problems.push(isMissing(error) ? `${name} is missing` : `${name}: ${messageOf(error)}`);
    return undefined;
  }
}

function startedAt(trial: TrialRecord): number {
  return startOf(trial.entries)?.wallMs ?? trial.entries[0]?.wallMs ?? 0;
}
