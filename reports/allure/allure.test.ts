import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stage, Status, type TestResult } from 'allure-js-commons';
import { readRun } from '../read-run.ts';
import { junitXml } from '../summary/junit.ts';
import { sampleRecord, sampleRun } from '../testing/sample-run.ts';
import { generateAllureReport } from './generate.ts';
import { allureResult } from './test-result.ts';
import { writeAllureResults } from './write-results.ts';

const STARTED_AT = Date.UTC(2026, 10, 22, 10, 30, 20);

function playwrightResult(name: string): TestResult {
  const step = {
    name: 'inject',
    status: Status.PASSED,
    stage: Stage.FINISHED,
    statusDetails: {},
    steps: [],
    attachments: [],
    parameters: [],
    uuid: 'pw-step',
  };
  return {
    uuid: 'pw-1',
    name,
    historyId: 'h',
    status: Status.FAILED,
    stage: Stage.FINISHED,
    statusDetails: { message: 'expect failed', trace: 'at node-loss.spec.ts:3' },
    steps: [step],
    attachments: [{ name: 'stdout', source: 'x-attachment.txt', type: 'text/plain' }],
    parameters: [],
    labels: [
      { name: 'framework', value: 'playwright' },
      { name: 'host', value: 'ci-1' },
    ],
    links: [],
    start: STARTED_AT,
    stop: STARTED_AT + 200_000,
  };
}

test('the status is that of the verdict: inconclusive is broken, a control as expected has passed', () => {
  const statuses = (['held', 'no-impact', 'violated', 'censored', 'inconclusive'] as const).map(
    (shape) => allureResult(sampleRecord({ shape }), undefined, []).status,
  );
  assert.deepEqual(statuses, ['passed', 'passed', 'passed', 'failed', 'broken']);
});

test('a control that was to be violated and held has failed', () => {
  const record = sampleRecord({ shape: 'held' });
  const verdict = { ...record.verdict, expected: 'violated', asExpected: false } as const;
  assert.equal(allureResult({ ...record, verdict }, undefined, []).status, 'failed');
});

test('the marks and findings are steps, each with the figures and the status of its own', () => {
  const { steps } = allureResult(sampleRecord({ shape: 'censored' }), undefined, []);
  assert.deepEqual(
    steps.map((step) => step.name?.split(':')[0]),
    ['Fault', 'Recovery', 'Users', 'Findings'],
  );
  const held = allureResult(sampleRecord({ shape: 'held' }), undefined, []);
  const recovery = held.steps.find((step) => step.name?.startsWith('Recovery'));
  assert.match(
    recovery?.name ?? '',
    /users 3\.70 s \(3\.63 to 4\.09\), allowed 10 s; capacity 6\.32 s \(6\.29 to 6\.34\)/,
  );
  assert.deepEqual(
    recovery?.steps.map((step) => step.name?.split(' ')[0]),
    ['detected', 'decided', 'acted', 'restored', 'capacity', 'reverted'],
  );
  assert.deepEqual(
    steps.at(-1)?.steps.map((step) => step.status),
    ['failed'],
  );
});

test("Playwright's own result is enriched, and enriching it again changes nothing", async () => {
  const run = await sampleRun([{ shape: 'held' }]);
  const results = join(run, 'allure-results');
  await mkdir(results);
  await writeFile(
    join(results, 'pw-1-result.json'),
    JSON.stringify(playwrightResult('the storefront survives the loss of a node')),
  );
  const trials = await readRun(run);
  await writeAllureResults(results, trials);
  const once = await readFile(join(results, 'pw-1-result.json'), 'utf8');
  await writeAllureResults(results, trials);
  assert.equal(await readFile(join(results, 'pw-1-result.json'), 'utf8'), once);
  const result = JSON.parse(once) as TestResult;
  assert.equal(result.status, 'passed');
  assert.deepEqual(
    result.steps.find((step) => step.name === 'Scenario')?.steps.map((step) => step.name),
    ['inject'],
  );
  assert.deepEqual(
    result.attachments.map((one) => one.name),
    ['verdict.json', 'journal.jsonl', 'stdout'],
  );
  assert.ok(result.labels.some((label) => label.name === 'host' && label.value === 'ci-1'));
  assert.deepEqual(
    (await readdir(results)).filter((name) => name.endsWith('-result.json')),
    ['pw-1-result.json'],
  );
});

test("another test's result is left alone, and the trial gets one of its own", async () => {
  const run = await sampleRun([{ shape: 'held' }]);
  const results = join(run, 'allure-results');
  await mkdir(results);
  await writeFile(join(results, 'pw-1-result.json'), JSON.stringify(playwrightResult('something else')));
  await writeAllureResults(results, await readRun(run));
  const names = (await readdir(results)).filter((name) => name.endsWith('-result.json'));
  assert.deepEqual(names.toSorted(), [
    'firedrill-20261122-103000-node-loss-held-7141-result.json',
    'pw-1-result.json',
  ]);
  assert.equal(
    await readFile(join(results, 'pw-1-result.json'), 'utf8'),
    JSON.stringify(playwrightResult('something else')),
  );
});

test('repeats are trials of their own, not retries of one', () => {
  const ids = [0, 1].map(
    (repeatIndex) => allureResult(sampleRecord({ shape: 'held', repeatIndex }), undefined, []).historyId,
  );
  assert.notEqual(ids[0], ids[1]);
});

/** What a run of Allure's own generator counts in a folder of results. */
async function countedByAllure(run: string): Promise<Readonly<Record<string, number>>> {
  await generateAllureReport(run, 'merged');
  const summary = JSON.parse(await readFile(join(run, 'allure-report', 'summary.json'), 'utf8')) as {
    readonly stats: Readonly<Record<string, number>>;
  };
  return summary.stats;
}

test('results of several jobs in one folder are all kept, and Allure shows each trial and each repeat', async () => {
  const merged = await sampleRun([]);
  const results = join(merged, 'allure-results');
  await mkdir(results, { recursive: true });
  const jobs = [
    { runId: '20261122-103000-aaaa', provider: 'embedded' },
    { runId: '20261122-103000-bbbb', provider: 'kind' },
  ];
  for (const { runId, provider } of jobs) {
    const run = await sampleRun([
      { shape: 'held' },
      { shape: 'held', repeatIndex: 1, trialId: 'node-loss-held-7141-r2' },
    ]);
    const trials = (await readRun(run)).map((trial) => {
      const cluster = { ...trial.verdict.cluster, provider };
      return { ...trial, verdict: { ...trial.verdict, runId, cluster } };
    });
    const ofJob = join(run, 'allure-results');
    await writeAllureResults(ofJob, trials);
    const before = await readdir(results);
    const clash = (await readdir(ofJob)).filter((name) => before.includes(name));
    assert.deepEqual(clash, before.length === 0 ? [] : ['environment.properties']);
    await cp(ofJob, results, { recursive: true });
  }
  assert.deepEqual(await countedByAllure(merged), { total: 4, passed: 4 });
});

test('Allure reads junit.xml whole, repeats included: violated has failed, inconclusive is broken', async () => {
  const run = await sampleRun([]);
  await mkdir(join(run, 'allure-results'), { recursive: true });
  const trials = [
    sampleRecord({ shape: 'held' }),
    sampleRecord({ shape: 'held', repeatIndex: 1 }),
    sampleRecord({ shape: 'censored', title: 'is never back' }),
    sampleRecord({ shape: 'inconclusive', title: 'a "title" & <more>' }),
  ];
  await writeFile(join(run, 'allure-results', 'junit.xml'), junitXml('r', trials));
  assert.deepEqual(await countedByAllure(run), { total: 4, passed: 2, failed: 1, broken: 1 });
});

test('the generated report is one file that opens from disk and reports to nobody', async () => {
  const run = await sampleRun([{ shape: 'held' }, { shape: 'inconclusive' }]);
  await writeAllureResults(join(run, 'allure-results'), await readRun(run));
  const report = await generateAllureReport(run, 'firedrill test');
  assert.equal(report.isSingleFile, true);
  const html = await readFile(report.indexHtml, 'utf8');
  assert.doesNotMatch(html, /googletagmanager|gtag\(/);
  assert.doesNotMatch(html, /<(?:script|link)[^>]+(?:src|href)="https?:/);
  assert.deepEqual((await readdir(run)).toSorted(), ['allure-report', 'allure-results', 'trials']);
});
