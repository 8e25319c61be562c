import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPromql } from '../core/slo/promql.ts';
import { diagnose } from './promql-diagnosis.ts';
import type { Series } from './prometheus-api.ts';

const SCRAPE_MS = 250;
const EVALUATED_MS = 100_000;

/** A Prometheus that scraped one counter steadily, `phaseMs` before the evaluation for the last time, or until `lastScrapeMs`. */
function scraping(phaseMs: number, lastScrapeMs = EVALUATED_MS) {
  const values: [number, number][] = [];
  for (let at = EVALUATED_MS - phaseMs - 40 * SCRAPE_MS; at <= lastScrapeMs; at += SCRAPE_MS)
    values.push([at, 1]);
  const labels = { job: 'shop', instance: 'a' };
  const within = (endMs: number, rangeMs: number): Series[] => [
    { labels, values: values.filter(([at]) => at > endMs - rangeMs && at <= endMs) },
  ];
  return {
    seriesMatching: () => Promise.resolve([labels]),
    rawSamples: (_selector: string, endMs: number, rangeMs: number) =>
      Promise.resolve(within(endMs, rangeMs)),
    metricNames: () => Promise.resolve(['requests_total']),
  };
}

function nameOf(query: string, prometheus: ReturnType<typeof scraping>): Promise<string | undefined> {
  const asked = {
    facts: readPromql(query),
    answer: [],
    fromMs: EVALUATED_MS,
    toMs: EVALUATED_MS,
    stepMs: SCRAPE_MS,
    scrapeIntervalMs: SCRAPE_MS,
    knownSinceMs: 0,
  };
  return diagnose(asked, prometheus, new AbortController().signal).then((problem) => problem?.name);
}

test('a range that is too short for two scrapes is told as such, whenever between two scrapes it is evaluated', async () => {
  const names = new Set<string | undefined>();
  for (let phaseMs = 0; phaseMs < SCRAPE_MS; phaseMs += 10)
    names.add(await nameOf('sum(rate(requests_total[200ms]))', scraping(phaseMs)));
  assert.deepEqual([...names], ['no-data']);
});

test('where Prometheus did not scrape for long, that is told also of a range that is too short', async () => {
  const prometheus = scraping(0, EVALUATED_MS - 4 * SCRAPE_MS);
  assert.equal(await nameOf('sum(rate(requests_total[200ms]))', prometheus), 'scrape-gap');
});

/** What is told of an answer without values where the selector's own targets had these samples of `up`. */
async function toldOf(up: readonly (readonly [wallMs: number, value: number])[], known = 1) {
  const labels = { job: 'shop', instance: 'a.b:80' };
  const asked: string[] = [];
  const prometheus = {
    seriesMatching: () => Promise.resolve(Array.from({ length: known }, () => labels)),
    rawSamples: (selector: string, _atMs: number, rangeMs: number) => {
      asked.push(`${selector} over ${rangeMs} ms`);
      return Promise.resolve(selector.startsWith('up') ? [{ labels, values: up }] : []);
    },
    metricNames: () => Promise.resolve(['requests', 'request_total', 'requests_total']),
  };
  const facts = readPromql('sum(rate(requests_total[1s]))');
  const span = { fromMs: 98_000, toMs: EVALUATED_MS, stepMs: SCRAPE_MS, scrapeIntervalMs: SCRAPE_MS };
  const { signal } = new AbortController();
  const problem = await diagnose({ facts, answer: [], ...span, knownSinceMs: 0 }, prometheus, signal);
  return { ...problem, asked };
}

const every = (valueOf: (wallMs: number) => number) =>
  Array.from({ length: 60 }, (_, at) => EVALUATED_MS - at * SCRAPE_MS)
    .toReversed()
    .map((wallMs) => [wallMs, valueOf(wallMs)] as const);

test('series that are told no more have targets that are down, or up, or were not scraped', async () => {
  const down = await toldOf(every(() => 0));
  assert.deepEqual([down.name, down.fromWallMs, down.toWallMs], ['target-down', 98_000, EVALUATED_MS]);
  assert.ok(down.asked.includes('up{job=~"shop",instance=~"a\\\\.b:80"} over 3250 ms'), down.asked.join(' '));
  const stale = await toldOf(every(() => 1));
  assert.equal(stale.name, 'stale');
  assert.match(
    stale.message ?? '',
    /^requests_total was not in what Prometheus scraped for 2\.25 s, although its targets are up$/,
  );
  assert.equal((await toldOf(every((wallMs) => (wallMs > 99_000 ? 1 : 0)))).name, 'stale');
  // The series has no sample since 97 s: what its targets were before that, or will be, says nothing of it.
  const downSince = (fromMs: number) =>
    toldOf([...every((wallMs) => (wallMs >= fromMs ? 0 : 1)), [100_250, 1]]);
  assert.deepEqual(
    [(await downSince(97_000)).name, (await downSince(97_001)).name],
    ['target-down', 'stale'],
  );
  const long = await toldOf([[96_900, 1]]);
  assert.match(long.message ?? '', /did not scrape the targets of requests_total for 2\.25 s/);
  const unscraped = await toldOf([]);
  assert.equal(unscraped.name, 'scrape-gap');
  assert.match(unscraped.message ?? '', /did not scrape the targets of requests_total for 2\.25 s/);
});

test('where no series was ever there, the nearest name is told, if it is near', async () => {
  const absent = await toldOf([], 0);
  assert.deepEqual(
    [absent.name, absent.fromWallMs, absent.toWallMs],
    ['absent-series', 98_000, EVALUATED_MS],
  );
  assert.match(absent.message ?? '', /no series matches requests_total; the nearest name is request_total$/);
  // Names that only end alike are none that somebody has misspelt.
  const others = { ...scraping(0), seriesMatching: () => Promise.resolve([]) };
  const asked = { answer: [], fromMs: 0, toMs: 0, stepMs: 1, scrapeIntervalMs: 1, knownSinceMs: 0 };
  const facts = readPromql('catalogue_requests_total');
  others.metricNames = () => Promise.resolve(['probe_requests_total']);
  const told = await diagnose({ ...asked, facts }, others, new AbortController().signal);
  assert.match(told?.message ?? '', /no series matches catalogue_requests_total$/);
});

/** What is told of an answer; the series themselves are not looked at. */
async function toldOfAnswer(query: string, answer: readonly Series[], raw: readonly Series[] = []) {
  const prometheus = {
    seriesMatching: () => Promise.reject(new Error('not asked')),
    rawSamples: (_selector: string, _atMs: number, rangeMs: number) => {
      assert.equal(rangeMs, 500 + 2 * SCRAPE_MS, 'two scrapes more than the span');
      return Promise.resolve([...raw]);
    },
    metricNames: () => Promise.reject(new Error('not asked')),
  };
  const span = { fromMs: 0, toMs: 500, stepMs: SCRAPE_MS, scrapeIntervalMs: SCRAPE_MS, knownSinceMs: 0 };
  return await diagnose(
    { facts: readPromql(query), answer, ...span },
    prometheus,
    new AbortController().signal,
  );
}

test('an answer is wrong that is no number, several series, or a counter that began again', async () => {
  const series = (...values: readonly number[]): Series => ({
    labels: { a: 'b' },
    values: values.map((value, at) => [at * SCRAPE_MS, value] as const),
  });
  assert.equal(await toldOfAnswer('x', [series(1, 2, 3)]), undefined);
  const nan = await toldOfAnswer('x', [series(1, NaN, Infinity)]);
  assert.deepEqual([nan?.name, nan?.fromWallMs, nan?.toWallMs], ['nan', 250, 500]);
  const message = async (count: number) =>
    (
      await toldOfAnswer(
        'x',
        Array.from({ length: count }, () => series(1)),
      )
    )?.message;
  const one = '{"a":"b"}';
  assert.equal(
    await message(2),
    `the query has 2 series where one is expected: ${one}, ${one}; aggregate them`,
  );
  assert.match((await message(3)) ?? '', /"b"\}; aggregate/);
  assert.equal(
    await message(5),
    `the query has 5 series where one is expected: ${one}, ${one}, ${one} and 2 more; aggregate them`,
  );
  const again = await toldOfAnswer('x_total', [series(1, 2, 3)], [series(1, 5, 5, 2)]);
  const alone = await toldOfAnswer('x_total', [series(1, 2, 3)], [series(1, 5, 4)]);
  assert.equal(alone?.name, 'counter-reset');
  assert.deepEqual([again?.name, again?.fromWallMs, again?.toWallMs], ['counter-reset', 750, 500]);
  assert.equal(await toldOfAnswer('x_total', [series(1, 2, 3)], [series(1, 5, 5)]), undefined);
  assert.equal(await toldOfAnswer('x', [series(1, 2, 3)], [series(1, 5, 2)]), undefined);
  assert.equal(await toldOfAnswer('rate(x_total[1s])', [series(1, 2, 3)], [series(5, 2)]), undefined);
});

test('a value that stands on a series which is recorded no more is stale, although every step has it', async () => {
  const recorded = 'good:ratio';
  const rules = [{ record: recorded, query: 'good', intervalMs: 1_000 }];
  const span = { fromMs: 98_000, toMs: EVALUATED_MS, stepMs: SCRAPE_MS, scrapeIntervalMs: SCRAPE_MS };
  const answer = [{ labels: {}, values: every(() => 1) }];
  const asked: string[] = [];
  const toldOf = (query: string, ...times: readonly number[]) => {
    const prometheus = {
      seriesMatching: () => Promise.reject(new Error('not asked')),
      rawSamples: (selector: string, atMs: number, rangeMs: number) => {
        asked.push(`${selector} over ${rangeMs} ms`);
        const values = times
          .map((at) => [at, 1] as const)
          .filter(([at]) => at > atMs - rangeMs && at <= atMs);
        return Promise.resolve([{ labels: {}, values }]);
      },
      metricNames: () => Promise.reject(new Error('not asked')),
    };
    const facts = readPromql(query);
    return diagnose(
      { facts, rules, answer, ...span, knownSinceMs: 0 },
      prometheus,
      new AbortController().signal,
    );
  };
  const whole = [95_900, 96_900, 97_900, 98_900, 99_900];
  assert.equal(await toldOf(recorded, ...whole), undefined);
  assert.equal(await toldOf(recorded, 95_900, 97_900, 99_900), undefined, 'one evaluation that was left out');
  const ended = await toldOf(`${recorded}{job="shop"}`, 95_900, 96_900);
  assert.deepEqual([ended?.name, ended?.fromWallMs, ended?.toWallMs], ['stale', 98_000, EVALUATED_MS]);
  assert.match(ended?.message ?? '', /good:ratio\{job="shop"\} was not recorded for 3\.1 s: its last value/);
  const between = await toldOf(recorded, 95_900, 96_900, 99_900);
  assert.deepEqual([between?.name, between?.fromWallMs, between?.toWallMs], ['stale', 98_000, 99_900]);
  assert.equal((await toldOf(recorded))?.name, 'stale');
  assert.deepEqual([...new Set(asked)], [`${recorded} over 4500 ms`, `${recorded}{job="shop"} over 4500 ms`]);
});
