import { link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attachment, TestResult } from 'allure-js-commons';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import { replaceFile } from '../markup/replace-file.ts';
import { startOf, type TrialRecord } from '../facts/trial-record.ts';
import { allureResult, resultName } from './test-result.ts';

const ATTACHED: readonly (readonly [file: string, type: string])[] = [
  ['timeline.svg', 'image/svg+xml'],
  ['verdict.json', 'application/json'],
  ['journal.jsonl', 'application/x-ndjson'],
];

/**
 * Puts the trials into `allure-results`: into the results that Playwright's reporter wrote of them, or, for trials that
 * it never got to tell of, into results of their own. Writing twice gives the same files.
 */
export async function writeAllureResults(
  resultsDirectory: string,
  trials: readonly TrialRecord[],
): Promise<void> {
  await mkdir(resultsDirectory, { recursive: true });
  const written = await readResults(resultsDirectory);
  for (const trial of trials) {
    const attachments = await attach(resultsDirectory, trial);
    const match = written.find((one) => isOf(trial, one.result));
    const file = match?.file ?? `${resultName(trial)}-result.json`;
    if (match) written.splice(written.indexOf(match), 1);
    const result = allureResult(trial, match?.result, attachments);
    await replaceFile(join(resultsDirectory, file), JSON.stringify(result));
  }
  const [first] = trials;
  if (first) await replaceFile(join(resultsDirectory, 'environment.properties'), environment(first));
}

interface WrittenResult {
  readonly file: string;
  readonly result: TestResult;
}

async function readResults(directory: string): Promise<WrittenResult[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('-result.json')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      try {
        return { file, result: JSON.parse(await readFile(join(directory, file), 'utf8')) as TestResult };
      } catch (cause) {
        const message = `${join(directory, file)} is no Allure result: ${messageOf(cause)}`;
        throw new FiredrillError('report.bad-allure-result', message, { hint: 'remove the file', cause });
      }
    }),
  );
}

/** Written by us before, or by Playwright's reporter about the test that ran when the trial started. */
function isOf(trial: TrialRecord, result: TestResult): boolean {
  const marked = result.labels.find((label) => label.name === 'trial');
  if (marked) return marked.value === trial.id;
  const startedAt = startOf(trial.entries)?.wallMs;
  if (startedAt === undefined || result.name !== trial.verdict.title) return false;
  return (result.start ?? Infinity) <= startedAt + 1 && startedAt <= (result.stop ?? -Infinity);
}

async function attach(directory: string, trial: TrialRecord): Promise<Attachment[]> {
  const attachments: Attachment[] = [];
  for (const [name, type] of ATTACHED) {
    const from = join(trial.directory, name);
    const size = await sizeOf(from);
    if (size === undefined) continue;
    const source = `${resultName(trial)}-${name.replace('.', '-attachment.')}`;
    await rm(join(directory, source), { force: true });
    // A link and not a copy: journals are large, and both lie under the same run.
    await link(from, join(directory, source));
    attachments.push({ name, type, source, size });
  }
  return attachments;
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch {
    // A trial that was cut short may lack any of its files; its problems are told elsewhere.
    return undefined;
  }
}

function environment({ verdict }: TrialRecord): string {
  const facts = [
    ['provider', verdict.cluster.provider],
    ['cluster', verdict.cluster.name],
    ...Object.entries(verdict.versions),
  ];
  return facts
    .map(
      ([name, value]) => `${(name ?? '').replace(/[\s=:]/g, '_')} = ${(value ?? '').replace(/\s+/g, ' ')}\n`,
    )
    .join('');
}
