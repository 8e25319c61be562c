import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PrometheusApi } from '../../harness/observe/prometheus-api.ts';
import {
  PrometheusProcess,
  startExporter,
  type Exporter,
} from '../../harness/observe/testing/prometheus-process.ts';
import { sampleRecord } from '../testing/sample-run.ts';
import { metricsWithoutTimes, openMetrics } from './open-metrics.ts';

const TRIALS = [
  ...(['held', 'violated', 'censored', 'inconclusive', 'no-impact'] as const).map((shape) =>
    sampleRecord({ shape }),
  ),
  sampleRecord({ shape: 'held', scenario: 'a"b\\c\nd', trialId: 'odd' }),
];
const PAGES = {
  'metrics.prom': { text: metricsWithoutTimes(TRIALS), type: 'text/plain; version=0.0.4' },
  'metrics.txt': { text: openMetrics(TRIALS), type: 'application/openmetrics-text; version=1.0.0' },
};
const SCRAPE_MS = 250;

const exporters = new Map<string, Exporter>();
let prometheus: PrometheusProcess;

before(async () => {
  for (const [name, { text, type }] of Object.entries(PAGES))
    exporters.set(name, await startExporter(() => text.trimEnd().split('\n'), type));
  const targets = [...exporters.values()].map(({ port }) => port);
  prometheus = await PrometheusProcess.start({ scrapeIntervalMs: SCRAPE_MS, targets });
});
after(async () => {
  await prometheus.stop();
  for (const exporter of exporters.values()) await exporter.close();
});

/** The newest value of a series of one exporter, as soon as there is one. */
async function scraped(series: string, port: number): Promise<number> {
  const api = new PrometheusApi(prometheus.connect);
  const query = `${series}{instance="127.0.0.1:${port}"}`;
  for (;;) {
    const [value] = await api.valuesNow(query, AbortSignal.timeout(10_000));
    if (value !== undefined) return value;
    await delay(SCRAPE_MS);
  }
}

for (const [name, { text }] of Object.entries(PAGES))
  it(`Prometheus reads ${name} whole`, async () => {
    const port = exporters.get(name)?.port ?? 0;
    assert.equal(await scraped('up', port), 1);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(await scraped('scrape_samples_scraped', port), samples.length);
  });
