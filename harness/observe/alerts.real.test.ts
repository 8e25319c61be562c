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
  - name: limited
    interval: 200ms
    limit: 1
    rules:
      - { alert: Windy, expr: wind > 10 }
`;
let exporter: Exporter;
let prometheus: PrometheusProcess;
let temperature = 20;
let winds: readonly string[] = [];
let scrapes = 0;

before(async () => {
  exporter = await startExporter(() => {
    scrapes++;
    return [`temperature ${temperature}`, ...winds.map((side) => `wind{side="${side}"} 20`)];
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

  it('journals that a rule fails before what looks as if its alert had resolved', async () => {
    const journal = record();
    const observer = await observeAlerts({ connect: prometheus.connect })(
      journal.append,
      new AbortController().signal,
    );
    const windy = () => journal.of('alert').filter(({ name }) => name === 'Windy');
    winds = ['west'];
    await journal.until(() => windy().some(({ state }) => state === 'firing'), 8_000);
    // More alerts than the group may have: Prometheus drops them all.
    winds = ['west', 'east'];
    await journal.until(() => windy().some(({ state }) => state === 'resolved'), 8_000);
    winds = [];
    const last = () => journal.of('alert.rules').at(-1);
    await journal.until(() => Object.keys(last()?.failing ?? {}).length === 0, 8_000);
    await observer.stop();
    const [torn] = journal.of('alert.rules').filter(({ failing }) => failing['Windy'] !== undefined);
    assert.deepEqual(torn?.rules, ['TooHot', 'Windy']);
    assert.match(torn.failing['Windy'] ?? '', /exceeded limit/);
    assert.ok(torn.seq < (windy().find(({ state }) => state === 'resolved')?.seq ?? 0));
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
