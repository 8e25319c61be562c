import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PassThrough } from 'node:stream';
import { readLoadCounts } from './k6-control.ts';
import { checkLoadOptions, LOAD_DEFAULTS } from './load-options.ts';
import { loadManifests } from './load-pod.ts';
import { parseLoadSummary } from './load-summary.ts';

const options = { ...LOAD_DEFAULTS, target: 'http://shop.shop.svc.cluster.local/' };

test('every problem of the options is named at once', () => {
  assert.throws(
    () => checkLoadOptions({ target: 'shop', ratePerSecond: 0.5, timeoutMs: 0, atMostMs: Number.NaN }),
    (error: Error) =>
      ['target: "shop"', 'ratePerSecond: 0.5', 'timeoutMs: 0', 'atMostMs: NaN'].every((problem) =>
        error.message.includes(problem),
      ),
  );
  checkLoadOptions(options);
});

test('the load runs on the infra node, once, and nobody on the network can tell it to stop', () => {
  const [, pod] = loadManifests(options, 'firedrill.local/load:1');
  const text = JSON.stringify(pod);
  assert.match(text, /"restartPolicy":"Never"/);
  assert.match(text, /"nodeSelector":\{"firedrill.dev\/role":"infra"\}/);
  assert.match(text, /"--address=127\.0\.0\.1:\d+"/);
});

test('the summary is read from the end of a log, and metrics that never had a value are zero', () => {
  const data = {
    state: { testRunDurationMs: 6_982.7 },
    metrics: {
      http_reqs: { values: { count: 301, rate: 43.1 } },
      http_req_failed: { values: { passes: 15, fails: 286, rate: 0.05 } },
      http_req_duration: { values: { med: 0.6, 'p(95)': 24, 'p(99)': 1_000.8, max: 1_006 } },
    },
  };
  assert.deepEqual(
    parseLoadSummary(`time="now" level=warning\n\nFIREDRILL-LOAD-SUMMARY ${JSON.stringify(data)}\n`),
    {
      requests: 301,
      failed: 15,
      dropped: 0,
      durationMs: 6_982.7,
      medianMs: 0.6,
      p95Ms: 24,
      p99Ms: 1_000.8,
      maxMs: 1_006,
    },
  );
});

test('a log without a summary is an error that shows its end', () => {
  assert.throws(
    () => parseLoadSummary('GoError: TARGET is not set\n'),
    /without a summary.*TARGET is not set/,
  );
});

test('a connection that never opens is given up, and closed should it open later', async () => {
  const late = new PassThrough();
  let open: (connection: PassThrough) => void = () => undefined;
  const never = new Promise<PassThrough>((resolve) => (open = resolve));
  const begin = performance.now();
  await assert.rejects(
    readLoadCounts(() => never),
    { code: 'load.no-answer' },
  );
  assert.ok(performance.now() - begin < 3_000);
  open(late);
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(late.destroyed);
});

test('an abort ends the wait at once, with its own reason', async () => {
  const reason = new Error('enough');
  const asking = readLoadCounts(() => new Promise(() => undefined), AbortSignal.abort(reason));
  await assert.rejects(asking, reason);
});
