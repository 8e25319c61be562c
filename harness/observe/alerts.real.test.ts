import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { observeAlerts } from './alerts.ts';
import { PrometheusProcess, startExporter, type Exporter } from './testing/prometheus-process.ts';
import { record } from './testing/recording.ts';

const RULES = `
groups:
  - name: test
    interval: 200ms
    rules:
      - { alert: TooHot, expr: temperature > 30, for: 1500ms, labels: { severity: page } }
`;
let exporter: Exporter;
let prometheus: PrometheusProcess;
let temperature = 20;
let scrapes = 0;

before(async () => {
  exporter = await startExporter(() => {
    scrapes++;
    return [`temperature ${temperature}`];
  });
  prometheus = await PrometheusProcess.start({
    scrapeIntervalMs: 200,
    targets: [exporter.port],
    rules: RULES,
  });
  while (scrapes < 3) await delay(50);
});
after(async () => {
  await prometheus.stop();
  await exporter.close();
});

describe('the alert observer, on a real Prometheus', () => {
  it('journals pending, firing and resolved, each once', async () => {
    const journal = record();
    const observer = await observeAlerts({ connect: prometheus.connect })(
      journal.append,
      new AbortController().signal,
    );
    temperature = 40;
    await journal.until(() => journal.of('alert').some((alert) => alert.state === 'firing'), 8_000);
    temperature = 20;
    await journal.until(() => journal.of('alert').some((alert) => alert.state === 'resolved'), 8_000);
    await observer.stop();
    const [first] = journal.of('alert');
    assert.deepEqual(
      journal.of('alert').map((alert) => alert.state),
      ['pending', 'firing', 'resolved'],
    );
    assert.equal(first?.name, 'TooHot');
    assert.equal(first.labels['severity'], 'page');
    assert.ok(Math.abs((first.startsAtWallMs ?? 0) - first.wallMs) < 3_000);
  });

  it('journals the time in which it saw nothing', async () => {
    const journal = record();
    const observer = await observeAlerts({ connect: prometheus.connect })(
      journal.append,
      new AbortController().signal,
    );
    const gaps = () => journal.of('observer').filter((entry) => entry.state === 'gap');
    await prometheus.kill();
    await journal.until(() => gaps().length >= 1);
    await prometheus.run();
    await journal.until(() => gaps().some(({ toMonoMs }) => toMonoMs !== undefined));
    const before = gaps().length;
    await delay(2_200);
    await observer.stop();
    assert.equal(gaps().length, before, 'no more gaps once it sees again');
    assert.match(gaps()[0]?.reason ?? '', /gave no answer/);
  });
});
