import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchedQuery } from './promql-asking.ts';
import { observePromql } from './promql.ts';
import { answering } from './testing/answering.ts';
import { record } from './testing/recording.ts';
import { SteppedClock } from './testing/stepped-clock.ts';

const SCRAPE_MS = 500;
const BEGIN_MS = 100_000;
const { signal } = new AbortController();

/** A Prometheus that has a value for every step, whose clock, start, rules and availability a test changes. */
function prometheus(clock: SteppedClock) {
  const state = {
    ...{ aheadMs: 0, startTime: 'one', isDown: false, hasValues: true, rules: [] as object[], rulesRead: 0 },
    knownSince: [] as (string | undefined)[],
  };
  const connect = answering(
    ({ path, form }) => {
      const success = (data: unknown) => ({ status: 'success', data });
      if (state.isDown) return { error: 'starting' };
      if (form['query'] === 'sum(') return { error: '1:5: parse error: unexpected end' };
      if (path.endsWith('runtimeinfo')) return success({ startTime: state.startTime });
      if (path.endsWith('rules')) {
        state.rulesRead++;
        return success({ groups: [{ interval: 2, rules: state.rules }] });
      }
      if (form['query'] === 'time()')
        return success({
          resultType: 'scalar',
          result: [0, String((clock.now().wallMs + state.aheadMs) / 1_000)],
        });
      if (path.endsWith('query_range') && !state.hasValues)
        return success({ resultType: 'matrix', result: [] });
      if (path.endsWith('query_range')) {
        const [from = 0, to = 0, step = 1] = ['start', 'end', 'step'].map((name) => Number(form[name]));
        const times = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, at) => from + at * step);
        return success({
          resultType: 'matrix',
          result: [{ metric: {}, values: times.map((at) => [at, '1']) }],
        });
      }
      if (path.endsWith('series')) state.knownSince.push(form['start']);
      if (path.endsWith('series')) return success([]);
      if (path.endsWith('values')) return success(['requests_total']);
      const [, recorded] = /^requests:good:rate1s\[(\d+)ms\]$/.exec(form['query'] ?? '') ?? [];
      const times = Array.from(
        { length: Number(recorded ?? 0) / 500 },
        (_, at) => Number(form['time']) - at / 2,
      );
      const values = times.toReversed().map((at) => [at, '1']);
      return success({ resultType: 'matrix', result: [{ metric: {}, values }] });
    },
    ({ form }) => (state.isDown ? 503 : form['query'] === 'sum(' ? 400 : 200),
  );
  return { state, connect };
}

function watching(query = 'sum(rate(requests_total[1s]))', nowMs = BEGIN_MS) {
  const clock = new SteppedClock(nowMs);
  const { state, connect } = prometheus(clock);
  const slo: WatchedQuery = { id: 'good', query };
  const observer = observePromql({ connect, scrapeIntervalMs: SCRAPE_MS, slos: [slo], clock });
  const journal = record();
  return { clock, state, slo, observer, journal, start: () => observer.start(journal.append, signal) };
}

test('every step is asked for once, from ten seconds before the trial on, as soon as its scrape is sure to be there', async () => {
  const { clock, journal, start } = watching();
  const observer = await start();
  for (let step = 0; step < 4; step++) await clock.step();
  await observer.stop();
  const series = journal.of('promql.series');
  const points = series.flatMap((entry) => entry.points);
  const times = points.map(([wallMs]) => wallMs - BEGIN_MS);
  const toMs = clock.now().wallMs - BEGIN_MS - SCRAPE_MS - 300;
  assert.ok(toMs >= 0 && toMs < SCRAPE_MS * 4, `${toMs}`);
  assert.deepEqual(
    times,
    Array.from({ length: Math.floor((10_000 + toMs) / SCRAPE_MS) + 1 }, (_, at) => at * SCRAPE_MS - 10_000),
  );
  assert.ok(points.every(([, value]) => value === 1));
  const [first] = series;
  assert.deepEqual(
    [first?.sloId, first?.stepMs, first?.scrapeIntervalMs, first?.windowMs, first?.rules, first?.problem],
    ['good', SCRAPE_MS, SCRAPE_MS, 1_000, undefined, undefined],
  );
  assert.deepEqual([first?.startWallMs, series.at(-1)?.endWallMs], [points[0]?.[0], points.at(-1)?.[0]]);
  assert.deepEqual(
    series.slice(1).map(({ startWallMs }, at) => startWallMs - (series[at]?.endWallMs ?? 0)),
    [...series.slice(1).map(() => SCRAPE_MS)],
  );
});

test('where the clock of Prometheus is another one, answers are moved to ours, and that is told', async () => {
  for (const aheadMs of [7_000, -7_000]) {
    const { clock, state, journal, start } = watching();
    state.aheadMs = aheadMs;
    const observer = await start();
    await clock.step();
    await observer.stop();
    assert.match(journal.of('note')[0]?.text ?? '', new RegExp(`is ${aheadMs} ms ahead of ours`));
    const last = journal.of('promql.series').at(-1);
    const behindMs = clock.now().wallMs - (last?.endWallMs ?? 0);
    assert.ok(behindMs >= SCRAPE_MS && behindMs <= 3 * SCRAPE_MS, `${behindMs}`);
    assert.equal(last?.points.at(-1)?.[0], last?.endWallMs);
  }
  const { clock, state, journal, start } = watching();
  state.aheadMs = 1;
  const observer = await start();
  await clock.step();
  await observer.stop();
  assert.deepEqual(journal.of('note'), []);
});

test('the time in which nobody answered, or that a restart took, is a problem of every objective, by our clock', async () => {
  for (const aheadMs of [0, 7_000]) {
    const { clock, state, journal, start } = watching();
    state.aheadMs = aheadMs;
    const observer = await start();
    const problem = () => journal.of('promql.series').at(-1)?.problem;
    await clock.step();
    const answeredMs = clock.now().wallMs;
    state.isDown = true;
    await clock.step();
    const { name, fromWallMs, toWallMs } = problem() ?? {};
    assert.deepEqual(
      [name, fromWallMs, toWallMs],
      ['prometheus-unreachable', answeredMs, clock.now().wallMs],
    );
    state.isDown = false;
    state.startTime = 'two';
    await clock.step();
    const restarted = journal
      .of('promql.series')
      .find((entry) => entry.problem?.name === 'prometheus-restarted');
    assert.deepEqual(restarted?.points, []);
    assert.deepEqual(
      [restarted.problem?.fromWallMs, restarted.problem?.toWallMs],
      [answeredMs, clock.now().wallMs],
    );
    await clock.step();
    await observer.stop();
    assert.equal(problem(), undefined);
    const count = journal.of('promql.series').filter((entry) => entry.problem !== undefined).length;
    assert.equal(count, 2);
  }
});

test('series that were there ten seconds before the trial are known, by the clock of Prometheus', async () => {
  const { clock, state, journal, start } = watching();
  state.aheadMs = 7_000;
  state.hasValues = false;
  const observer = await start();
  await clock.step();
  await observer.stop();
  assert.equal(journal.of('promql.series').at(-1)?.problem?.name, 'absent-series');
  assert.equal(state.knownSince[0], ((BEGIN_MS + 7_000 - 10_000) / 1_000).toFixed(3));
});

test('an objective has the window of the rules that its query reads, which are read once; an unknown rule gives no value', async () => {
  const { clock, state, slo, observer, journal, start } = watching('requests:good:rate1s');
  const running = await start();
  await clock.step();
  const unknown = journal.of('promql.series').at(-1);
  assert.equal(unknown?.problem?.name, 'rule-unknown');
  assert.deepEqual(unknown.points, []);
  assert.deepEqual(await observer.throughRules(slo, signal), slo);
  state.rules = [{ type: 'recording', name: 'requests:good:rate1s', query: 'sum(rate(requests_total[1s]))' }];
  await clock.step();
  const { rulesRead } = state;
  await clock.step();
  const known = journal.of('promql.series').at(-1);
  assert.deepEqual([known?.windowMs, known?.rules?.length, known?.problem], [3_000, 1, undefined]);
  assert.equal((await observer.throughRules(slo, signal)).windowMs, 3_000);
  assert.equal(state.rulesRead, rulesRead);
  const delayed = await observer.throughRules(
    { ...slo, query: 'requests:good:rate1s + 0', windowMs: 400 },
    signal,
  );
  assert.equal(delayed.windowMs, 3_400);
  await running.stop();
});

test('an objective that is named later is asked for from before the trial on, one that is named again only once', async () => {
  const { clock, observer, journal, start } = watching();
  const running = await start();
  await clock.step();
  observer.watch({ id: 'late', query: 'vector(1)' });
  observer.watch({ id: 'late', query: 'vector(2)' });
  await clock.step();
  await running.stop();
  const late = journal.of('promql.series').filter(({ sloId }) => sloId === 'late');
  assert.deepEqual(
    late.map(({ query, startWallMs }) => [query, startWallMs]),
    [['vector(1)', BEGIN_MS - 10_000]],
  );
});

test('a query with a mistake is refused with its place, and no rule is read for it', async () => {
  const { clock, state, journal, start } = watching('sum(');
  const observer = await start();
  await clock.step();
  await observer.stop();
  const { problem, points } = journal.of('promql.series')[0] ?? {};
  assert.deepEqual([problem?.name, points, state.rulesRead], ['query-error', [], 0]);
  assert.match(problem?.message ?? '', /sum\(\n {6}\^/);
});
