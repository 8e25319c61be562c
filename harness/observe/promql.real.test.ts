import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EntryOf } from '../core/journal/journal.ts';
import { insideBound, type Bound, type Slo } from '../core/slo/slo.ts';
import { REFUSED, VALID } from '../core/slo/testing/promql-rows.ts';
import { ABSENCE_IS_GOOD, ABSENCE_OF_ONE_IS_GOOD, ACCEPTED } from '../core/slo/testing/vacuity-rows.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { whyNoEvidence } from '../core/slo/recording-rules.ts';
import { observePromql } from './promql.ts';
import { PrometheusProcess, startExporter, type Exporter } from './testing/prometheus-process.ts';
import { record, type Recording } from './testing/recording.ts';

const SCRAPE_MS = 250;
let exporter: Exporter;
let prometheus: PrometheusProcess;
let served = 0;
/** Counters that grow by 10 with every scrape, as long as nobody changes the page. */
const steady = (): string[] => {
  served += 10;
  return [
    '# TYPE requests_total counter',
    `requests_total{code="200"} ${served}`,
    'requests_total{code="500"} 0',
    '# TYPE idle_total counter',
    'idle_total 0',
  ];
};

const RULES = JSON.stringify({
  groups: [
    {
      name: 'fast',
      rules: [
        {
          record: 'requests:good:ratio_rate2s',
          expr: 'sum(rate(requests_total{code="200"}[2s])) / sum(rate(requests_total[2s]))',
        },
      ],
    },
    {
      name: 'slow',
      interval: '500ms',
      rules: [
        { record: 'requests:good:worst', expr: 'min_over_time(requests:good:ratio_rate2s[3s])' },
        { record: 'requests:good:always', expr: 'min(requests_good) or vector(1)' },
        { alert: 'Bad', expr: 'requests:good:worst < 1' },
      ],
    },
  ],
});

before(async () => {
  exporter = await startExporter(steady);
  prometheus = await PrometheusProcess.start({
    scrapeIntervalMs: SCRAPE_MS,
    targets: [exporter.port],
    rules: RULES,
  });
  // Prometheus takes some seconds to look at its targets at all, and a rate needs two scrapes.
  while (served < 60) await delay(50);
});
after(async () => {
  await prometheus.stop();
  await exporter.close();
});

function objective(query: string): Slo {
  return { id: query, query, bound: { atLeast: 0.99 }, stableForMs: 1_000 };
}

const GOOD = 'sum(rate(requests_total{code!~"5.."}[1s])) / sum(rate(requests_total[1s]))';

async function watching(query: string, during: (journal: Recording) => Promise<void>): Promise<Recording> {
  const journal = record();
  const observer = await observePromql({
    connect: prometheus.connect,
    scrapeIntervalMs: SCRAPE_MS,
    slos: [objective(query)],
  }).start(journal.append, new AbortController().signal);
  try {
    await during(journal);
  } finally {
    await observer.stop();
  }
  return journal;
}

function problems(journal: Recording): NonNullable<EntryOf<'promql.series'>['problem']>[] {
  return journal.of('promql.series').flatMap((entry) => (entry.problem === undefined ? [] : [entry.problem]));
}

async function untilProblem(journal: Recording, name: string, withinMs = 8_000): Promise<void> {
  await journal.until(() => problems(journal).some((problem) => problem.name === name), withinMs);
}

function messageOf(journal: Recording, name: string): string {
  return problems(journal).find((problem) => problem.name === name)?.message ?? '';
}

describe('the PromQL observer, on a real Prometheus', () => {
  it('gives every step its value, each once, and no problem', async () => {
    const journal = await watching(GOOD, async (seen) => {
      const since = Date.now();
      await seen.until(
        () => seen.of('promql.series').some((entry) => entry.endWallMs > since + 3_000),
        10_000,
      );
    });
    const series = journal.of('promql.series');
    const recent = series.slice(1).flatMap((entry) => entry.points);
    assert.ok(recent.length >= 8);
    assert.deepEqual(
      series.slice(1).flatMap((entry) => entry.problem ?? []),
      [],
    );
    assert.ok(
      recent.every(([, value]) => value === 1),
      JSON.stringify(recent),
    );
    for (const [index, [wallMs]] of recent.entries()) {
      if (index > 0) assert.equal(wallMs - (recent[index - 1]?.[0] ?? 0), SCRAPE_MS);
    }
    assert.equal(series[0]?.windowMs, 1_000);
  });

  it('several series where one is expected', async () => {
    const journal = await watching('rate(requests_total[1s])', (seen) =>
      untilProblem(seen, 'several-series'),
    );
    assert.match(messageOf(journal, 'several-series'), /has 2 series where one is expected: .*"code":"200"/);
  });

  it('absent series, with the nearest name', async () => {
    const journal = await watching('sum(rate(request_total[1s]))', (seen) =>
      untilProblem(seen, 'absent-series'),
    );
    assert.match(
      messageOf(journal, 'absent-series'),
      /no series matches request_total; the nearest name is requests_total/,
    );
  });

  it('a query with a mistake, with the place', async () => {
    const journal = await watching('sum(rate(requests_total[1s])', (seen) =>
      untilProblem(seen, 'query-error'),
    );
    assert.match(messageOf(journal, 'query-error'), /parse error[^]*\^/);
  });

  it('a query that Prometheus cannot compute', async () => {
    const journal = await watching('sum(requests_total) by (code) / on(nothing) requests_total', (seen) =>
      untilProblem(seen, 'query-error'),
    );
    assert.match(messageOf(journal, 'query-error'), /many-to-many|duplicate series/);
  });

  it('no number', async () => {
    const journal = await watching('sum(rate(idle_total[1s])) / sum(rate(idle_total[1s]))', (seen) =>
      untilProblem(seen, 'nan'),
    );
    assert.match(messageOf(journal, 'nan'), /something was divided by 0/);
    assert.ok(
      journal
        .of('promql.series')
        .at(-1)
        ?.points.every(([, value]) => value === null),
    );
  });

  it('no data, because the range does not hold two scrapes', async () => {
    const journal = await watching('sum(rate(requests_total[200ms]))', (seen) =>
      untilProblem(seen, 'no-data'),
    );
    assert.match(messageOf(journal, 'no-data'), /range of 200 ms does not hold two scrapes of 250 ms/);
  });

  it('a counter that began again, outside of rate', async () => {
    const journal = await watching('sum(requests_total{code="200"}) / sum(requests_total)', async (seen) => {
      await seen.until(() => seen.of('promql.series').length > 1);
      served = 0;
      await untilProblem(seen, 'counter-reset');
    });
    assert.match(messageOf(journal, 'counter-reset'), /take its rate\(\)/);
  });

  it('a counter that began again inside of rate is no problem', async () => {
    const journal = await watching(GOOD, async (seen) => {
      await seen.until(() => seen.of('promql.series').length > 1);
      const since = Date.now();
      served = 0;
      await seen.until(
        () => seen.of('promql.series').some((entry) => entry.endWallMs > since + 1_500),
        10_000,
      );
    });
    assert.deepEqual(
      problems(journal).filter((problem) => problem.name === 'counter-reset'),
      [],
    );
  });

  it('stale: told no more, although the target is up', async () => {
    const journal = await watching(GOOD, async (seen) => {
      await seen.until(() => seen.of('promql.series').length > 1);
      exporter.page = () => ['something_else 1'];
      await untilProblem(seen, 'stale').finally(() => (exporter.page = steady));
    });
    assert.match(messageOf(journal, 'stale'), /although its targets are up/);
  });

  it('target down', async () => {
    const journal = await watching(GOOD, async (seen) => {
      await delay(1_500);
      exporter.page = () => undefined;
      await untilProblem(seen, 'target-down').finally(() => (exporter.page = steady));
    });
    assert.match(messageOf(journal, 'target-down'), /every target of requests_total.* is down/);
  });

  it('a gap in scrapes, while Prometheus stood still', async () => {
    const journal = await watching(GOOD, async (seen) => {
      await delay(1_500);
      prometheus.freeze();
      await delay(2_500);
      prometheus.thaw();
      await untilProblem(seen, 'scrape-gap');
    });
    assert.match(messageOf(journal, 'scrape-gap'), /no scrape for|did not scrape/);
  });

  it('accepts and refuses the same queries as our own types of PromQL', async () => {
    const api = new PrometheusApi(prometheus.connect);
    const range = { fromMs: Date.now(), toMs: Date.now(), stepMs: 1_000 };
    const ask = (query: string): Promise<unknown> =>
      api.queryRange(query, range, new AbortController().signal);
    for (const query of VALID) await assert.doesNotReject(ask(query), query);
    for (const [query] of REFUSED)
      await assert.rejects(ask(query), { code: 'observe.query-refused' }, `${query} was accepted`);
  });

  it('has a good value without any series where we say so, and only there', async () => {
    const api = new PrometheusApi(prometheus.connect);
    const isGood = async ([query, bound]: readonly [string, Bound, ...unknown[]]): Promise<boolean> => {
      const values = await api.valuesNow(query, new AbortController().signal);
      return values.some((value) => insideBound(value, bound));
    };
    for (const row of ABSENCE_IS_GOOD) assert.ok(await isGood(row), `${row[0]} is not good`);
    for (const row of [...ACCEPTED, ...ABSENCE_OF_ONE_IS_GOOD])
      assert.ok(!(await isGood(row)), `${row[0]} is good`);
  });

  it('a recorded series has the range of its rules, and the time between their evaluations', async () => {
    const record = 'requests:good:worst';
    const journal = await watching(record, (seen) =>
      seen.until(() =>
        seen.of('promql.series').some(({ points }) => points.some(([, value]) => value === 1)),
      ),
    );
    const series = journal.of('promql.series');
    // 3 s of what is recorded every 500 ms, of 2 s that are recorded every 250 ms.
    assert.ok(series.every(({ windowMs }) => windowMs === 3_000 + 500 + 2_000 + SCRAPE_MS));
    assert.deepEqual(
      series[0]?.rules?.map(({ record: name, intervalMs }) => [name, intervalMs]),
      [
        [record, 500],
        ['requests:good:ratio_rate2s', SCRAPE_MS],
      ],
    );
    const observing = observePromql({ connect: prometheus.connect, scrapeIntervalMs: SCRAPE_MS });
    const known = await observing.throughRules(
      { ...objective(record), windowMs: 1_000 },
      new AbortController().signal,
    );
    assert.equal(known.windowMs, 1_000 + 5_750);
    assert.equal(whyNoEvidence(known, known.rules ?? []), undefined);
    const always = await observing.throughRules(
      objective('requests:good:always'),
      new AbortController().signal,
    );
    assert.match(whyNoEvidence(always, always.rules ?? []) ?? '', /no series is there, the value is 1/);
  });

  it('a recorded series whose rule is not known is never answered', async () => {
    const journal = await watching('requests:good:ratio_rate5m', (seen) =>
      untilProblem(seen, 'rule-unknown'),
    );
    assert.match(
      messageOf(journal, 'rule-unknown'),
      /requests:good:ratio_rate5m is recorded by a rule that is not known/,
    );
    assert.ok(journal.of('promql.series').every(({ points }) => points.length === 0));
  });

  it('unreachable, then restarted', async () => {
    const journal = await watching(GOOD, async (seen) => {
      await seen.until(() => seen.of('promql.series').length > 1);
      await prometheus.kill();
      await untilProblem(seen, 'prometheus-unreachable');
      await prometheus.run();
      await untilProblem(seen, 'prometheus-restarted', 15_000);
    });
    assert.match(messageOf(journal, 'prometheus-unreachable'), /gave no answer: .*ECONNREFUSED/);
    assert.match(messageOf(journal, 'prometheus-restarted'), /itself was restarted/);
  });

  it('answers for objectives that are named while it runs, from before they were', async () => {
    const journal = record();
    const observing = observePromql({ connect: prometheus.connect, scrapeIntervalMs: SCRAPE_MS });
    const observer = await observing.start(journal.append, new AbortController().signal);
    await delay(600);
    const namedMs = Date.now();
    observing.watch(objective(GOOD));
    observing.watch(objective(GOOD));
    await journal.until(() => journal.of('promql.series').length > 0);
    await observer.stop();
    assert.ok((journal.of('promql.series')[0]?.startWallMs ?? namedMs) < namedMs - 5_000);
    assert.equal(
      journal.of('promql.series').filter((entry) => entry.startWallMs < namedMs - 5_000).length,
      1,
    );
  });
});
