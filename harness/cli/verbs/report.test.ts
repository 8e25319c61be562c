import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { writeReport } from '../../../reports/write.ts';
import { describeError } from '../../core/errors.ts';
import { chainLine } from '../../core/journal/chain.ts';
import type { Entry } from '../../core/journal/journal.ts';
import { trialDirectory } from '../../core/journal/run-files.ts';
import { synthesise } from '../../judge/testing/synthetic-trial.ts';
import { writeRunFacts } from '../../run/run-directory.ts';
import { writeVerdict } from '../../trial/verdict-file.ts';
import { journalsAt } from './journals-at.ts';
import { report } from './report.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

const reports = temporaryDirectory('rebuild');

function writeJournal(run: string, trialId: string, entries: readonly Entry[]): string {
  const path = join(trialDirectory(run, trialId), 'journal.jsonl');
  mkdirSync(trialDirectory(run, trialId), { recursive: true });
  let digest = '';
  const lines = entries.map((entry) => {
    const next = chainLine(digest, JSON.stringify(entry));
    digest = next.digest;
    return `${next.line}\n`;
  });
  writeFileSync(path, lines.join(''));
  return path;
}

/** A run of two trials as it ended. */
async function endedRun(
  runId: string,
): Promise<{ readonly run: string; readonly journals: readonly string[] }> {
  const run = join(reports, runId);
  const journals = (
    [
      [100, 3_900],
      [100, 14_000],
    ] as const
  ).map((outage, index) => {
    const trialId = `node-loss-r${index + 1}`;
    const started = { schema: 2, trialId, runId } as const;
    return writeJournal(run, trialId, synthesise({ watchedForMs: 25_000, outages: [outage], started }));
  });
  const facts = {
    runId,
    seed: 7,
    control: false,
    clusterName: 'c',
    again: 'npm test -- --seed 7',
    provider: 'p',
  };
  writeRunFacts(run, { schema: 1, startedWallMs: 1, ...facts });
  for (const journal of journals) writeVerdict(journal);
  await writeReport(run, { allure: 'results' });
  return { run, journals };
}

function filesOf(run: string): ReadonlyMap<string, string> {
  const found = readdirSync(run, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = found.map((one) => join(one.parentPath, one.name)).toSorted();
  return new Map(paths.map((path) => [relative(run, path), readFileSync(path, 'base64')]));
}

const context = { out: () => undefined, err: () => undefined, env: {}, signal: new AbortController().signal };

test('from the journals alone the same reports come out, byte for byte', async () => {
  const { run, journals } = await endedRun('20261122-103000');
  const before = filesOf(run);
  for (const path of before.keys())
    if (!path.endsWith('journal.jsonl') && path !== 'run.json') rmSync(join(run, path));
  assert.equal(await report.run([...journals, '--no-allure'], context), 0);
  assert.deepEqual([...filesOf(run)], [...before]);
  assert.equal(await report.run([...journals, '--no-allure'], context), 0);
  assert.deepEqual([...filesOf(run)], [...before], 'and again');
});

test('a file that is no journal is told, and the other trials of its run get their report', async () => {
  const { run, journals } = await endedRun('20261122-101500');
  writeFileSync(journals[1]!, 'no journal\nat all\n');
  rmSync(join(dirname(journals[1]!), 'verdict.json'));
  rmSync(join(run, 'index.html'));
  const told: string[] = [];
  const err = (text: string): void => void told.push(text);
  assert.equal(await report.run([run, '--no-allure'], { ...context, err }), 70);
  assert.match(told.join(''), /journal\.damaged\].*node-loss-r2/);
  assert.match(readFileSync(join(run, 'index.html'), 'utf8'), /node-loss-r2/);

  let text = '';
  const out = (part: string): void => void (text += part);
  assert.equal(await report.run([run, '--no-allure', '--json'], { ...context, out }), 70);
  const [{ trials, problems } = {}] = JSON.parse(text) as [Record<string, unknown>?];
  assert.deepEqual([trials, problems], [2, [`${journals[1]!}:1: not a JSON object`]]);
});

test('a run of one trial is told as one', async () => {
  const { run, journals } = await endedRun('20261122-103500');
  rmSync(dirname(journals[1]!), { recursive: true });
  const told: string[] = [];
  await report.run([run, '--no-allure'], { ...context, out: (text) => void told.push(text) });
  assert.match(told.join(''), /index\.html {2}1 trial\n$/);
});

test('a run is named by its folder, also where a link leads to it', async () => {
  const { run } = await endedRun('20261122-104000');
  const before = filesOf(run);
  const link = join(reports, 'by-another-name');
  symlinkSync('20261122-104000', link);
  await report.run([join(link, 'trials', 'node-loss-r1', 'journal.jsonl'), '--no-allure'], context);
  assert.deepEqual([...filesOf(run)], [...before]);
});

test('the folder of a run stands for all of its journals, and that of a trial for its own', async () => {
  const { run, journals } = await endedRun('20261122-104500');
  const before = filesOf(run);
  for (const folder of [run, join(run, 'trials')]) assert.deepEqual(journalsAt(folder), journals);
  assert.deepEqual(journalsAt(dirname(journals[1] ?? '')), journals.slice(1));
  for (const path of journals) rmSync(join(dirname(path), 'verdict.json'));
  await report.run([run, '--no-allure'], context);
  assert.deepEqual([...filesOf(run)], [...before]);
});

test('a trial whose journal was rewritten after it was judged is inconclusive, whatever its verdict.json says', async () => {
  const { run, journals } = await endedRun('20261122-105000');
  writeJournal(
    run,
    'node-loss-r2',
    synthesise({ watchedForMs: 25_000, started: { schema: 2, title: 'held' } }),
  );
  await report.run([...journals, '--no-allure'], context);
  assert.match(readFileSync(join(run, 'index.html'), 'utf8'), /journal.jsonl is not the one that was judged/);
  const summary = readFileSync(join(run, 'summary.md'), 'utf8');
  assert.match(summary, /inconclusive \|[^|]*\|[^\n]*is not the one that was judged/);
});

test('a verdict.json that does not follow from its journal is told', async () => {
  const { run, journals } = await endedRun('20261122-105500');
  const path = join(dirname(journals[1] ?? ''), 'verdict.json');
  assert.match(readFileSync(path, 'utf8'), /"outcome": "violated"/);
  const told: string[] = [];
  const listening = { ...context, err: (text: string) => void told.push(text) };
  await report.run([run, '--no-allure'], listening);
  assert.deepEqual(told, []);
  const edited = { ...(JSON.parse(readFileSync(path, 'utf8')) as object), outcome: 'held', asExpected: true };
  writeFileSync(path, JSON.stringify(edited));
  await report.run([run, '--no-allure'], listening);
  assert.match(
    told.join(''),
    /^firedrill: node-loss-r2: verdict.json says held, and this version judges its journal violated: /,
  );
});

test('what lies in no run, or in one that is not over, is refused', async () => {
  const { run, journals } = await endedRun('20261122-106000');
  writeFileSync(join(run, 'pid'), '{}');
  await assert.rejects(report.run(journals, context), /is not over/);
  const loose = join(reports, 'journal.jsonl');
  writeFileSync(loose, '');
  await assert.rejects(report.run([loose], context), /does not lie in the folder of a run/);
  await assert.rejects(report.run([join(reports, 'none')], context), /cannot read the journal/);
  const empty = join(reports, 'empty');
  mkdirSync(empty);
  await assert.rejects(report.run([empty], context), (error) => {
    assert.equal(
      describeError(error),
      `[journal.not-found] cannot read the journal ${empty}\n  because: the folder is that of no run and of no trial\n` +
        '  next: journals are reports/out/RUN/trials/TRIAL/journal.jsonl; of the last run RUN is latest',
    );
    return true;
  });
});
