import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusApi, type PrometheusError } from './prometheus-api.ts';
import { answering } from './testing/answering.ts';

const { signal } = new AbortController();

/** What Prometheus was asked, and what is made of its answer. */
async function exchanged<T>(data: unknown, ask: (api: PrometheusApi) => Promise<T>) {
  const asked: unknown[] = [];
  const connect = answering(({ method, path, form }) => {
    asked.push([method, path, form]);
    return { status: 'success', data };
  });
  const answer = await ask(new PrometheusApi(connect));
  return { asked: asked[0], answer };
}

test('queries are posted, with times in seconds; values come at milliseconds, infinities as such', async () => {
  const values = [
    [1.5, '2'],
    [2.0004, '+Inf'],
    [2.5, '-Inf'],
  ];
  const matrix = { resultType: 'matrix', result: [{ metric: { job: 'a' }, values }] };
  const series = [
    {
      labels: { job: 'a' },
      values: [
        [1_500, 2],
        [2_000, Infinity],
        [2_500, -Infinity],
      ],
    },
  ];
  const range = { fromMs: 1_500, toMs: 2_500, stepMs: 250 };
  assert.deepEqual(await exchanged(matrix, (api) => api.queryRange('q', range, signal)), {
    asked: ['POST', '/api/v1/query_range', { query: 'q', start: '1.500', end: '2.500', step: '0.250' }],
    answer: series,
  });
  assert.deepEqual(await exchanged(matrix, (api) => api.rawSamples('q', 2_000, 10.2, signal)), {
    asked: ['POST', '/api/v1/query', { query: 'q[11ms]', time: '2.000' }],
    answer: series,
  });
  await assert.rejects(
    exchanged({ resultType: 'vector', result: [] }, (api) => api.queryRange('q', range, signal)),
    /expected a matrix, got a vector/,
  );
});

test('the values of now are those of a vector, or that of a scalar', async () => {
  const now = (data: unknown) => exchanged(data, (api) => api.valuesNow('q', signal));
  const vector = { resultType: 'vector', result: [{ value: [1, '3'] }, { value: [1, '4'] }] };
  assert.deepEqual(await now(vector), { asked: ['POST', '/api/v1/query', { query: 'q' }], answer: [3, 4] });
  assert.deepEqual((await now({ resultType: 'scalar', result: [1, '5'] })).answer, [5]);
  await assert.rejects(now({ resultType: 'string', result: [1, 'a'] }), /expected a vector, got a string/);
});

test('what is known of rules, alerts, series and names is asked for', async () => {
  const rules = [
    { name: 'a', type: 'recording', query: 'q' },
    { name: 'b', type: 'alerting', query: 'r', state: 'inactive', health: 'ok', alerts: [] },
  ];
  const groups = {
    groups: [
      { interval: 15, rules },
      { interval: 1, rules: [] },
    ],
  };
  assert.deepEqual(await exchanged(groups, (api) => api.recordingRules(signal)), {
    asked: ['GET', '/api/v1/rules', { type: 'record' }],
    answer: [{ record: 'a', query: 'q', intervalMs: 15_000 }],
  });
  assert.deepEqual(await exchanged(groups, (api) => api.alertRules('b', signal)), {
    asked: ['GET', '/api/v1/rules', { type: 'alert', 'rule_name[]': 'b' }],
    answer: [{ name: 'b', state: 'inactive', health: 'ok', intervalMs: 15_000, alerts: [] }],
  });
  const alerts = [
    { labels: { alertname: 'a' }, state: 'firing', activeAt: '1970-01-01T00:00:01Z', value: '1' },
  ];
  const fires = { name: 'a', type: 'alerting', state: 'firing', health: 'err', lastError: 'e', alerts };
  const answered = { groups: [{ rules: [fires, rules[0]] }, { rules: [] }] };
  assert.deepEqual(await exchanged(answered, (api) => api.alertingRules(signal)), {
    asked: ['GET', '/api/v1/rules', { type: 'alert' }],
    answer: [
      {
        ...{ name: 'a', state: 'firing', health: 'err', lastError: 'e' },
        alerts: [{ labels: { alertname: 'a' }, state: 'firing', activeAtMs: 1_000 }],
      },
    ],
  });
  assert.deepEqual(await exchanged([{ job: 'a' }], (api) => api.seriesMatching('m', 1_000, 2_000, signal)), {
    asked: ['GET', '/api/v1/series', { 'match[]': 'm', start: '1.000', end: '2.000', limit: '200' }],
    answer: [{ job: 'a' }],
  });
  assert.deepEqual((await exchanged(['up'], (api) => api.metricNames(signal))).answer, ['up']);
  assert.equal((await exchanged({ startTime: 't' }, (api) => api.startTime(signal))).answer, 't');
  assert.equal(
    (await exchanged({ resultType: 'scalar', result: [1, '1.5'] }, (api) => api.wallMs(signal))).answer,
    1_500,
  );
});

/** What a failed question is told as, for an answer of this status. */
async function failure(status: number, answer: unknown, query = 'q'): Promise<PrometheusError> {
  const api = new PrometheusApi(
    answering(
      () => answer,
      () => status,
    ),
  );
  return await api.valuesNow(query, signal).then(
    () => assert.fail('it was answered'),
    (error: unknown) => error as PrometheusError,
  );
}

test('a query that Prometheus refuses is told from one that it did not answer, with the place of a mistake', async () => {
  const refused = { status: 'error', error: '2:3: parse error: unexpected end' };
  const place = ({ code, position }: PrometheusError) => [code, position];
  assert.deepEqual(place(await failure(400, refused, 'sum(\n  a')), ['observe.query-refused', 7]);
  assert.deepEqual(place(await failure(422, { error: 'too many' })), ['observe.query-refused', undefined]);
  assert.match((await failure(422, {})).message, /status 422/);
  const late = await failure(503, { error: 'starting' });
  assert.deepEqual(place(late), ['observe.prometheus-unreachable', undefined]);
  assert.match(late.message, /answered 503: starting/);
  const page = await failure(200, `<html>${'x'.repeat(200)}`);
  assert.match(page.message, /answered 200 without JSON: <html>x{94}$/);
  const gone = new PrometheusApi(() => Promise.reject(new Error('refused')));
  await assert.rejects(gone.startTime(signal), {
    code: 'observe.prometheus-unreachable',
    message: /gave no answer: refused/,
  });
  await assert.rejects(
    gone.startTime(AbortSignal.abort(new Error('the trial ended'))),
    /^Error: the trial ended/,
  );
});

test('an answer that lacks what some store has not told is none; remarks leave it whole', async () => {
  const scalar = { resultType: 'scalar', result: [1, '5'] };
  const warned = (...warnings: readonly string[]) =>
    new PrometheusApi(answering(() => ({ status: 'success', data: scalar, warnings }))).valuesNow(
      'q',
      signal,
    );
  const remarks = ['PromQL info: no counter', 'PromQL warning: no "le"', 'results truncated due to limit'];
  assert.deepEqual(await warned(...remarks), [5]);
  const lack = 'receive series from store 10.0.0.7:10901: connection refused';
  await assert.rejects(warned(...remarks, lack), {
    code: 'observe.partial-answer',
    message: `Prometheus answered in part: ${lack}`,
  });
});

test('what is no text of a number is none, and a histogram is named', async () => {
  const range = { fromMs: 1_000, toMs: 2_000, stepMs: 1_000 };
  const asked = (series: object) =>
    exchanged({ resultType: 'matrix', result: [{ metric: {}, ...series }] }, (api) =>
      api.queryRange('q', range, signal),
    );
  const values = ['', ' ', null, 0, 'none', '1e+06'].map((text) => [1, text]);
  const [series] = (await asked({ values })).answer;
  assert.deepEqual(
    series?.values.map(([, value]) => value),
    [NaN, NaN, NaN, NaN, NaN, 1_000_000],
  );
  const histograms = [[1, { count: '1', sum: '1' }]];
  for (const answer of [{ histograms }, { values: [[1, '1']], histograms }])
    await assert.rejects(asked(answer), {
      code: 'observe.query-refused',
      message: /histograms, and no numbers/,
    });
});

test('an answer of another form than that which is used is told as such, by what was asked and the place in it', async () => {
  const range = { fromMs: 1_000, toMs: 2_000, stepMs: 1_000 };
  const group = (rule: unknown) => ({ groups: [{ interval: 1, rules: [rule] }] });
  const asks: readonly (readonly [
    ask: (api: PrometheusApi) => Promise<unknown>,
    ...others: readonly unknown[],
  ])[] = [
    [(api) => api.valuesNow('q', signal), { resultType: 'vector' }, { resultType: 'scalar', result: ['1'] }],
    [(api) => api.queryRange('q', range, signal), { resultType: 'matrix', result: [{ values: [] }] }],
    [
      (api) => api.rawSamples('q', 1, 1, signal),
      { resultType: 'matrix', result: [{ metric: {}, values: [1] }] },
    ],
    [(api) => api.seriesMatching('q', 1, 2, signal), [{ job: 1 }], {}],
    [(api) => api.metricNames(signal), ['a', 1]],
    [(api) => api.recordingRules(signal), {}, { groups: [{ rules: [] }] }, group({ type: 'recording' })],
    [(api) => api.alertingRules(signal), {}, group({ type: 'alerting', name: 'a' }), group(null)],
    [(api) => api.alertRules('a', signal), { groups: {} }],
    [(api) => api.startTime(signal), {}, { startTime: 1 }],
    [(api) => api.wallMs(signal), { resultType: 'none' }],
  ];
  const bodies = [
    null,
    [],
    'text',
    5,
    { status: 1 },
    { status: 'success', warnings: 'w' },
    { status: 'success' },
  ];
  for (const [ask, ...others] of asks)
    for (const body of [...bodies, ...others.map((data) => ({ status: 'success', data }))])
      await assert.rejects(
        ask(new PrometheusApi(answering(() => JSON.stringify(body)))),
        { code: 'observe.unreadable-answer', message: /^Prometheus answered .* in another form: .+: .+/ },
        JSON.stringify(body),
      );
  await assert.rejects(
    exchanged(group({ type: 'recording', name: 'a' }), (api) => api.recordingRules(signal)),
    /answered \/api\/v1\/rules in another form: groups\[0\]\.rules\[0\]\.query: /,
  );
  assert.match((await failure(200, '5')).message, /answered with 200 in another form: all of it: /);
  await assert.rejects(
    exchanged({ resultType: 'string', result: [1, '1'] }, (api) => api.wallMs(signal)),
    /expected a scalar, got a string/,
  );
  await assert.rejects(
    exchanged({ resultType: 'vector', result: [{ histogram: [1, {}] }] }, (api) =>
      api.valuesNow('q', signal),
    ),
    /histograms, and no numbers/,
  );
});
