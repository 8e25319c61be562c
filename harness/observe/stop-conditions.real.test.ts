import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { StopCondition } from '../core/owner/policy.ts';
import type { StopReading } from '../core/owner/stop-condition.ts';
import { readStopConditions } from './stop-conditions.ts';
import { PrometheusProcess, startExporter, type Exporter } from './testing/prometheus-process.ts';

const RULES = `
groups:
  - name: test
    interval: 200ms
    rules:
      - { alert: TooHot, expr: temperature > 30 }
`;
const CONDITIONS: readonly StopCondition[] = [
  { kind: 'query', name: 'hot', query: 'max(temperature)', above: 30 },
  { kind: 'query', name: 'mistyped', query: 'max(temprature)', above: 30 },
  { kind: 'query', name: 'broken', query: 'max(', above: 30 },
  { kind: 'alert', name: 'TooHot' },
  { kind: 'alert', name: 'Renamed' },
];
let exporter: Exporter;
let prometheus: PrometheusProcess;
let temperature = 20;
const { signal } = new AbortController();

before(async () => {
  exporter = await startExporter(() => [`temperature ${temperature}`]);
  prometheus = await PrometheusProcess.start({
    scrapeIntervalMs: 200,
    targets: [exporter.port],
    rules: RULES,
  });
});
after(async () => {
  await prometheus.stop();
  await exporter.close();
});

const look = () => readStopConditions(prometheus.connect, CONDITIONS, Date.now(), signal);
const states = (readings: readonly StopReading[]): string[] => readings.map(({ state }) => state);
async function until(wanted: readonly string[]): Promise<readonly StopReading[]> {
  let readings = await look();
  for (const endMs = performance.now() + 10_000; performance.now() < endMs;) {
    if (states(readings).join() === wanted.join()) return readings;
    await delay(100);
    readings = await look();
  }
  assert.deepEqual(states(readings), wanted, JSON.stringify(readings));
  return readings;
}

describe('stop conditions, read from a real Prometheus', () => {
  it('tells clear ones from those that nobody can read', async () => {
    const readings = await until(['clear', 'unreadable', 'unreadable', 'clear', 'unreadable']);
    assert.match(readings[1]?.detail ?? '', /has no data/);
    assert.match(readings[2]?.detail ?? '', /parse error/);
    assert.match(readings[4]?.detail ?? '', /no alerting rule of that name/);
  });

  it('sees a limit passed and an alert that fires', async () => {
    temperature = 40;
    const readings = await until(['true', 'unreadable', 'unreadable', 'true', 'unreadable']);
    assert.equal(readings[0]?.detail, '40 is above 30');
  });

  it('cannot read one of a Prometheus that hangs or is gone, and says so within its time', async () => {
    prometheus.freeze();
    const startedMs = performance.now();
    const readings = await look();
    prometheus.thaw();
    assert.ok(performance.now() - startedMs < 4_000);
    assert.deepEqual(new Set(states(readings)), new Set(['unreadable']));
    await prometheus.kill();
    assert.deepEqual(new Set(states(await look())), new Set(['unreadable']));
  });
});
