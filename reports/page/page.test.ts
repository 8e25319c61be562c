import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelOf } from '../timeline/index.ts';
import { sampleRecord } from '../testing/sample-run.ts';
import type { SampleOptions } from '../testing/sample-shape.ts';
import type { TrialRecord } from '../facts/trial-record.ts';
import { textWidth } from '../timeline/text-width.ts';
import { runPage } from './page.ts';
import { PAGE_CSS } from './style.ts';

function page(trials: readonly TrialRecord[]): string {
  return runPage({
    runId: '20261122-103000',
    run: undefined,
    trials: trials.map((trial) => ({ trial, model: modelOf(trial) })),
    hasAllure: true,
  });
}

function pageOf(...options: SampleOptions[]): string {
  return page(options.map(sampleRecord));
}

test('the verdict, its sentence and the picture come first, in this order', () => {
  const html = pageOf({ shape: 'held' });
  const order = [
    '>HELD<',
    'restored 3.7 s after the fault took effect',
    'Timeline of node-loss',
    '<h3>Recovery',
    '<h3>Findings',
    '<h3>Run it again',
  ].map((part) => html.indexOf(part));
  assert.ok(
    order.every((at) => at > 0),
    String(order),
  );
  assert.deepEqual(
    order,
    order.toSorted((left, right) => left - right),
  );
});

test('a recovery stands with its bracket, and a sentence says why the curves come back later than that', () => {
  const html = pageOf({ shape: 'held' });
  assert.match(html, /Users restored after<\/dt><dd>3\.70 s \(3\.63 to 4\.09\)</);
  assert.match(html, /curve comes back inside its bound up to 1 s later, because/);
  assert.doesNotMatch(pageOf({ shape: 'censored' }), /curve comes back/);
});

test('the page loads nothing and runs nothing', () => {
  const html = pageOf({ shape: 'held' }, { shape: 'violated' });
  assert.doesNotMatch(html, /<script|<img|<iframe|@import|\bon\w+=|javascript:/i);
  const urls = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((found) => found[1]!);
  for (const url of urls) assert.match(url, /^(?:#|data:,|trials\/|allure-report\/)/);
  assert.deepEqual(
    [...html.matchAll(/https?:\/\/[^"<\s]*/g)]
      .map((found) => found[0])
      .filter((url) => url !== 'http://www.w3.org/2000/svg'),
    [],
  );
});

test('nothing that a cluster or a scenario says becomes markup', () => {
  const evil = '"><script>alert(1)</script>&amp;\'<svg onload=x>';
  const record = sampleRecord({
    shape: 'censored',
    title: evil,
    namePrefix: evil,
    scenario: evil,
    trialId: 'evil',
  });
  const html = page([
    {
      ...record,
      problems: [evil],
      verdict: {
        ...record.verdict,
        reason: evil,
        again: evil,
        versions: { [evil]: evil },
        digests: { [evil]: evil },
        deviations: [evil],
        findings: [{ check: evil, outcome: 'violated', reason: evil, sloId: evil, unit: evil, measured: 1 }],
      },
      entries: record.entries.map((entry) =>
        entry.kind === 'slo.claim'
          ? { ...entry, query: evil, sloId: evil }
          : entry.kind === 'alert'
            ? { ...entry, name: evil }
            : entry,
      ),
    },
  ]);
  assert.ok(!html.includes('<script'));
  assert.ok(!/<svg onload/.test(html));
  assert.ok(html.includes('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39;'));
});

test('several trials have a table whose links lead to their sections, and ids are unique', () => {
  const html = pageOf(
    { shape: 'held', trialId: '01-a' },
    { shape: 'no-impact', trialId: '02-a' },
    { shape: 'censored', trialId: 'odd id/#' },
  );
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((found) => found[1]!);
  assert.equal(new Set(ids).size, ids.length);
  const links = [...html.matchAll(/href="#([^"]*)"/g)].map((found) => found[1]!);
  assert.deepEqual(links.toSorted(), ['01-a', '02-a', 'trial-3']);
  for (const link of links) assert.ok(ids.includes(link), link);
  const references = [...html.matchAll(/url\(#([^)]*)\)|aria-labelledby="([^"]*)"/g)].flatMap((found) =>
    (found[1] ?? found[2] ?? '').split(' '),
  );
  for (const reference of references) assert.ok(ids.includes(reference), reference);
});

/** What stands above the trials. */
function head(html: string): string {
  return html.slice(0, html.indexOf('<main>'));
}

test('figures stand beside each other only where the page has room for them and for a title of a few words a line', () => {
  const stackedPx = /@media \(max-width:(\d+)px\)\{\n\.table table/.exec(PAGE_CSS)?.[1];
  const columns = ['outcome', 'the storefront', '13.93 s (13.69 to 14.39)', '18.03 s (17.79 to 18.27)'];
  const widths = [...columns, 'Failed requests', '4294967295'].map((text) => textWidth(text, 14) + 14);
  const needed = widths.reduce((sum, width) => sum + width, 2 * 24);
  assert.ok(Number(stackedPx) >= needed, `${stackedPx} px, and ${Math.ceil(needed)} px are needed`);
});

test('the word over several trials is that of the worst which was not as expected', () => {
  assert.match(
    head(pageOf({ shape: 'held', trialId: 'a' }, { shape: 'violated', trialId: 'b' })),
    /class="word held"><strong>HELD/,
  );
  assert.match(
    head(pageOf({ shape: 'held', trialId: 'a' }, { shape: 'inconclusive', trialId: 'b' })),
    /class="word inconclusive"><strong>INCONCLUSIVE/,
  );
  assert.match(
    head(pageOf({ shape: 'censored', trialId: 'a' }, { shape: 'inconclusive', trialId: 'b' })),
    /class="word violated"><strong>VIOLATED/,
  );
});

test('a run without a trial has shown nothing', () => {
  assert.match(head(pageOf()), /class="word inconclusive"><strong>INCONCLUSIVE.*No trial was recorded/s);
});

test('recovery and capacity are compared with stock each on its own, and only like with like', () => {
  const html = pageOf({ shape: 'held' });
  assert.match(html, /Users restored, against stock Kubernetes/);
  assert.match(html, /54 s, measured separately/);
  assert.match(html, /354–355 s, measured separately/);
  assert.doesNotMatch(pageOf({ shape: 'held', faultKind: 'pod.kill' }), /against stock/);
});

test('the table says why a trial was not held where one was not, and is without that column where all were', () => {
  assert.match(pageOf({ shape: 'held' }, { shape: 'censored' }), /<th scope="col">Why not held<\/th>/);
  const held = pageOf({ shape: 'held', repeatIndex: 0 }, { shape: 'held', repeatIndex: 1 });
  assert.doesNotMatch(held, /Why not held|class="words"><\/td>/);
  assert.match(held, />Trial's seed<\/th><\/tr>/);
});

test('of the seeds that of the run is told as the one for --seed, and that of the trial as made of it', () => {
  const record = sampleRecord({ shape: 'held', seed: 99 });
  const html = page([{ ...record, verdict: { ...record.verdict, runSeed: 7 } }]);
  const seeds = [...html.matchAll(/>(seed of [^<]*)<\/\w+><\w+>(\d+)/g)];
  assert.deepEqual(
    seeds.map(([, name, value]) => [name, value]),
    [
      ['seed of the run, for --seed', '7'],
      ['seed of the trial, made of that of the run', '99'],
    ],
  );
});

test('every finding is in the table, under the claim that it is about', () => {
  const record = sampleRecord({ shape: 'held' });
  const html = page([record]);
  for (const finding of record.verdict.findings) assert.ok(html.includes(finding.check));
  assert.match(html, /SLO available: ≥ 0\.99 again within 10 s, and for 5 s from then on/);
  assert.ok(html.indexOf('The trial itself') > html.indexOf('recovery.promql'));
});

test('of many trials those that were not as expected have their pictures in the page, the others beside their journals', () => {
  const trials = Array.from({ length: 40 }, (_, index) => sampleRecord({ shape: 'held', seed: index }));
  const html = page([...trials, sampleRecord({ shape: 'censored', seed: 40 })]);
  const pictureOf = (id: string): boolean => html.includes(`id="${id}-wide-title"`);
  assert.ok(pictureOf('node-loss-censored-40'));
  assert.ok(pictureOf('node-loss-held-0') && !pictureOf('node-loss-held-39'));
  assert.match(html, /The picture of this trial is <a href="trials\/node-loss-held-39\/timeline.svg">/);
});
