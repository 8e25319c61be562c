import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialRecord } from '../facts/trial-record.ts';
import { sampleRecord } from '../testing/sample-run.ts';
import { xmlElements } from '../testing/xml.ts';
import { jobSummary } from './job-summary.ts';
import { junitXml } from './junit.ts';
import { metricsWithoutTimes, openMetrics } from './open-metrics.ts';

const TRIALS = (['held', 'violated', 'censored', 'inconclusive', 'no-impact'] as const).map((shape) =>
  sampleRecord({ shape }),
);

test('JUnit: violated is a failure, inconclusive an error, a control as expected neither', () => {
  const elements = xmlElements(junitXml('R', TRIALS));
  const suites = elements.find((element) => element.name === 'testsuites');
  assert.deepEqual(
    [suites?.attributes['tests'], suites?.attributes['failures'], suites?.attributes['errors']],
    ['5', '1', '1'],
  );
  assert.equal(elements.filter((element) => element.name === 'failure').length, 1);
  assert.match(
    elements.find((element) => element.name === 'error')?.attributes['message'] ?? '',
    /^inconclusive, expected held: the fault was not seen/,
  );
});

test('JUnit: the figures of a trial are its properties, and what was not measured has none', () => {
  const properties = (index: number): Record<string, string> =>
    Object.fromEntries(
      xmlElements(junitXml('R', [TRIALS[index]!]))
        .filter((element) => element.name === 'property')
        .map(({ attributes }) => [attributes['name']!, attributes['value']!]),
    );
  assert.equal(properties(0)['recovery.seconds'], '3.698');
  assert.equal(properties(0)['recovery'], '3.70 s (3.63 to 4.09)');
  assert.deepEqual(
    [properties(0)['recovery.low.seconds'], properties(0)['recovery.high.seconds']],
    ['3.638', '4.088'],
  );
  assert.equal(properties(0)['seed'], '7141');
  assert.equal(properties(0)['run.seed'], '7141');
  assert.equal(properties(2)['recovery'], 'not within 120 s');
  assert.equal(properties(2)['recovery.seconds'], undefined);
});

test('the job summary begins with the outcome, shows what failed first, and ends with the line that runs it again', () => {
  const lines = jobSummary(TRIALS, 'npm test').split('\n');
  assert.match(lines[0]!, /^## ❌ VIOLATED: 3 of 5 trials as expected$/);
  assert.match(lines[4]!, /^\| ❌ violated \| node-loss/);
  assert.deepEqual(lines.slice(-4), ['```', 'npm test -- scenarios/node-loss --seed 7141', '```', '']);
});

test('the job summary takes no markup and no table cells from a title', () => {
  const markdown = jobSummary(
    [sampleRecord({ shape: 'held', title: 'a | b <img src=x> [c](http://d) `e`\nf' })],
    undefined,
  );
  assert.doesNotMatch(markdown, /<img|\]\(http/);
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  assert.deepEqual(
    rows.map((row) => row.split('|').length),
    [10, 10, 10],
  );
});

test('OpenMetrics: one end, no sample for what was not measured, names escaped', () => {
  const text = openMetrics([
    ...TRIALS,
    sampleRecord({ shape: 'held', scenario: 'a"b\\c\nd', trialId: 'odd' }),
  ]);
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(-2), ['# EOF', '']);
  const recovery = lines.filter((line) => line.startsWith('firedrill_trial_recovery_seconds{'));
  assert.deepEqual(
    recovery.map((line) => /trial="([^"]*)"/.exec(line)?.[1]),
    ['node-loss-held-7141', 'node-loss-violated-7141', 'node-loss-no-impact-7141', 'odd'],
  );
  for (const [end, value] of [
    ['low', 3.638],
    ['high', 4.088],
  ] as const) {
    const held = lines.filter((line) => line.startsWith(`firedrill_trial_recovery_${end}_seconds{`));
    assert.equal(held.length, recovery.length - 1, 'no impact has no bracket');
    assert.ok(Math.abs(Number(held[0]?.split('} ')[1]?.split(' ')[0]) - value) < 1e-3, held[0]);
  }
  assert.match(recovery.at(-1)!, /scenario="a\\"b\\\\c\\nd"/);
  const sample =
    /^[a-z_]+\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\} -?[\d.e-]+ \d+\.\d{3}$/;
  for (const line of lines) assert.ok(line === '' || line.startsWith('# ') || sample.test(line), line);
});

test('JUnit: trials of one title have names of their own, since some keep only the first of equal ones', () => {
  const trials = [0, 1, 2].map((repeatIndex) =>
    sampleRecord({ shape: 'held', repeatIndex, seed: repeatIndex }),
  );
  const control = sampleRecord({ shape: 'violated' });
  const cases = xmlElements(junitXml('r', [...trials, control])).filter((one) => one.name === 'testcase');
  assert.equal(new Set(cases.map((one) => one.attributes['name'])).size, 4);
  assert.equal(cases[0]?.attributes['name'], 'the storefront survives the loss of a node');
});

test('metrics without times are text that an exporter would give: no times, no units, known types', () => {
  const lines = metricsWithoutTimes(TRIALS).trimEnd().split('\n');
  const sample = /^[a-z_]+\{[^}]*\} -?[\d.e-]+$/;
  const comment = /^# (HELP \w+ .+|TYPE \w+ gauge)$/;
  for (const line of lines) assert.ok(comment.test(line) || sample.test(line), line);
  assert.equal(
    lines.filter((line) => !line.startsWith('#')).length,
    openMetrics(TRIALS)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')).length,
  );
});

test('trials of one scenario that took place elsewhere stay apart where the files of several runs are read together', () => {
  const held = sampleRecord({ shape: 'held' });
  const elsewhere = (cluster: object): TrialRecord => ({
    ...held,
    verdict: { ...held.verdict, cluster: { ...held.verdict.cluster, ...cluster } },
    entries: held.entries.map((entry) =>
      entry.kind === 'trial.started' ? { ...entry, cluster: { ...entry.cluster, ...cluster } } : entry,
    ),
  });
  const trials = [
    held,
    elsewhere({ provider: 'kind' }),
    elsewhere({ kubernetesVersion: 'v1.35.0' }),
    elsewhere({ machineProfile: 'none' }),
  ];
  const cases = trials.flatMap((trial) =>
    xmlElements(junitXml('r', [trial])).filter(({ name }) => name === 'testcase'),
  );
  const names = cases.map(({ attributes }) => `${attributes['classname']} ${attributes['name']}`);
  assert.equal(new Set(names).size, 4, names.join('\n'));
  const series = trials.flatMap((trial) =>
    metricsWithoutTimes([trial])
      .split('\n')
      .filter((line) => line.startsWith('firedrill_'))
      .map((line) => line.replace(/ \S+$/, '')),
  );
  assert.equal(new Set(series).size, series.length);
});
