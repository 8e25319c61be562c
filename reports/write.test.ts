import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Entry } from '../harness/core/journal/journal.ts';
import { sampleRun } from './testing/sample-run.ts';
import { writeReport } from './write.ts';

test('a run gets its page, a picture per trial, JUnit, summary, metrics, Allure and the link to the latest', async () => {
  const run = await sampleRun([{ shape: 'held' }, { shape: 'violated' }]);
  const { indexHtml, allureHtml, problems } = await writeReport(run);
  assert.deepEqual(problems, []);
  assert.equal(indexHtml, join(run, 'index.html'));
  assert.equal(allureHtml, join(run, 'allure-report', 'index.html'));
  assert.deepEqual((await readdir(run)).toSorted(), [
    'allure-report',
    'allure-results',
    'index.html',
    'junit.xml',
    'metrics.prom',
    'metrics.txt',
    'summary.md',
    'trials',
  ]);
  assert.deepEqual((await readdir(join(run, 'trials', 'node-loss-held-7141'))).toSorted(), [
    'journal.jsonl',
    'timeline.svg',
    'verdict.json',
  ]);
  assert.equal(await readlink(join(dirname(run), 'latest')), '20261122-103000');
});

test('the report of an older run, made up for later, leaves the link to the newer one', async () => {
  const run = await sampleRun([{ shape: 'held' }]);
  const older = join(dirname(run), '20261101-000000');
  await cp(run, older, { recursive: true });
  await writeReport(run, { allure: 'results' });
  await writeReport(older, { allure: 'results' });
  assert.equal(await readlink(join(dirname(run), 'latest')), '20261122-103000');
  await rm(run, { recursive: true });
  await writeReport(older, { allure: 'results' });
  assert.equal(await readlink(join(dirname(run), 'latest')), '20261101-000000');
});

test('what is called latest and is no link to a run stays as it is', async () => {
  const run = await sampleRun([{ shape: 'held' }]);
  const link = join(dirname(run), 'latest');
  await writeFile(link, 'precious');
  await writeReport(run, { allure: 'results' });
  assert.equal(await readFile(link, 'utf8'), 'precious');
  await rm(link);
  await mkdir(link);
  await writeReport(run, { allure: 'results' });
  assert.deepEqual(await readdir(link), []);
  await rm(link, { recursive: true });
  await symlink('release-42', link);
  await writeReport(run, { allure: 'results' });
  assert.equal(await readlink(link), 'release-42');
  assert.deepEqual((await readdir(dirname(run))).toSorted(), [basename(run), 'latest']);
});

test('a run that was copied to a folder of another name gets the same files there, and no link', async () => {
  const run = await sampleRun([{ shape: 'held' }]);
  await writeFile(join(run, 'run.json'), JSON.stringify({ schema: 1, runId: basename(run) }));
  const copy = join(dirname(run), 'downloads', 'artefact');
  await cp(run, copy, { recursive: true });
  for (const folder of [run, copy]) await writeReport(folder, { allure: 'results' });
  for (const name of ['index.html', 'junit.xml', 'summary.md'])
    assert.equal(await readFile(join(copy, name), 'utf8'), await readFile(join(run, name), 'utf8'), name);
  assert.deepEqual(await readdir(dirname(copy)), ['artefact']);
});

test('the same run gives the same files again', async () => {
  const run = await sampleRun([{ shape: 'held' }, { shape: 'inconclusive', repeatIndex: 1 }]);
  const read = async (): Promise<string[]> =>
    Promise.all(
      [
        'index.html',
        'junit.xml',
        'summary.md',
        'metrics.txt',
        'metrics.prom',
        'allure-report/index.html',
        'allure-report/summary.json',
      ].map((name) => readFile(join(run, name), 'utf8')),
    );
  await writeReport(run);
  const first = await read();
  await writeReport(run);
  assert.deepEqual(await read(), first);
});

test('trials that were cut short are in the report, inconclusive, with what is wrong with them', async () => {
  const run = await sampleRun([
    { shape: 'held', trialId: '01-torn' },
    { shape: 'held', trialId: '02-damaged' },
    { shape: 'held', trialId: '03-verdict' },
    { shape: 'held', trialId: '04-whole' },
  ]);
  const file = (trial: string, name: string): string => join(run, 'trials', trial, name);
  const journal = await readFile(file('01-torn', 'journal.jsonl'), 'utf8');
  await writeFile(file('01-torn', 'journal.jsonl'), journal.slice(0, journal.length / 2));
  await rm(file('01-torn', 'verdict.json'));
  await writeFile(file('02-damaged', 'journal.jsonl'), journal.replace('\n', '\nnonsense\n'));
  await writeFile(file('03-verdict', 'verdict.json'), '{"schema":1,"outco');
  await mkdir(join(run, 'trials', '05-empty'));
  await writeReport(run, { allure: 'results' });
  const html = await readFile(join(run, 'index.html'), 'utf8');
  for (const words of [
    'the last line of the journal is torn',
    'line 2 of journal.jsonl: not a JSON object',
    'verdict.json: ',
    'journal.jsonl is missing',
  ]) {
    assert.ok(html.includes(words), words);
  }
  assert.equal(html.match(/class="outcome inconclusive"/g)?.length, 4);
  assert.match(html, /class="word inconclusive"><strong>INCONCLUSIVE/);
});

test('whatever the lines of one trial lack, or its verdict, the run gets its report, and they are told', async () => {
  const run = await sampleRun([
    { shape: 'held', trialId: '01-lines' },
    { shape: 'held', trialId: '02-verdict' },
    { shape: 'held', trialId: '03-whole' },
  ]);
  const file = (trial: string, name: string): string => join(run, 'trials', trial, name);
  const lines = (await readFile(file('01-lines', 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
  const without = lines.map((line) => {
    const { seq, monoMs, kind } = JSON.parse(line) as Entry;
    return JSON.stringify({ seq, monoMs, wallMs: 1, kind });
  });
  await writeFile(file('01-lines', 'journal.jsonl'), `${[lines[0], ...without].join('\n')}\n`);
  await writeFile(file('02-verdict', 'verdict.json'), '{"schema":2,"outcome":"held"}');
  await writeReport(run, { allure: 'results' });
  const html = await readFile(join(run, 'index.html'), 'utf8');
  assert.match(html, /line 2 of journal\.jsonl: entry &quot;\S+&quot; without a/);
  assert.match(html, /verdict\.json: .*not a verdict of schema 2: without a text in &quot;trialId&quot;/);
});

test('a folder without any trial gets a page that says so', async () => {
  const run = await sampleRun([]);
  const { indexHtml } = await writeReport(run);
  assert.match(await readFile(indexHtml, 'utf8'), /No trial was recorded/);
});

test('the report of 100 trials takes at most 3 s, and its page 2 MB', async () => {
  const run = await sampleRun(
    Array.from({ length: 100 }, (_, index) => ({
      shape: 'held',
      seed: index,
      trialId: `${index}-node-loss`,
      repeatIndex: index,
    })),
  );
  const before = process.cpuUsage();
  await writeReport(run, { allure: 'results' });
  const { user, system } = process.cpuUsage(before);
  // Our own time on the processor: the neighbours of a test machine must not decide.
  assert.ok((user + system) / 1e6 <= 3, `${((user + system) / 1e6).toFixed(1)} s`);
  const { size } = await stat(join(run, 'index.html'));
  assert.ok(size <= 2e6, `${(size / 1e6).toFixed(2)} MB`);
  await rm(dirname(run), { recursive: true });
});
