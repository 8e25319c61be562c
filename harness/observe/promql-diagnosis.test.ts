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
