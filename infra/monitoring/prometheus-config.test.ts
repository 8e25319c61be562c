import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdS, profileDeviations, PROFILES } from './profile.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { errorRatio } from './rules/service-level.ts';

interface Relabeling {
  readonly source_labels: readonly string[];
  readonly regex?: string;
  readonly replacement?: string;
  readonly target_label?: string;
}
interface Job {
  readonly job_name: string;
  readonly relabel_configs?: readonly Relabeling[];
  readonly metric_relabel_configs?: readonly Relabeling[];
}

const jobs = (profile: keyof typeof PROFILES): readonly Job[] =>
  (prometheusConfig(PROFILES[profile]) as { scrape_configs: readonly Job[] }).scrape_configs;

/** What the rules for one label make of the joined source labels, as Prometheus applies them: fully anchored. */
function relabelled(rules: readonly Relabeling[], target: string, source: string): string | undefined {
  let value: string | undefined;
  for (const { target_label, regex = '(.*)', replacement = '$1' } of rules) {
    const anchored = new RegExp(`^(?:${regex})$`);
    if (target_label === target && anchored.test(source)) value = source.replace(anchored, replacement);
  }
  return value;
}

test('the annotated port makes an address of both families', () => {
  const rules = jobs('drill').find(({ job_name }) => job_name === 'pods')?.relabel_configs ?? [];
  assert.equal(relabelled(rules, '__address__', '10.0.0.1;8080'), '10.0.0.1:8080');
  assert.equal(relabelled(rules, '__address__', 'fd00::1;8080'), '[fd00::1]:8080');
  assert.equal(relabelled(rules, '__address__', '10.0.0.1;'), undefined);
});

test('drills drop what nobody uses of kubelet, cAdvisor and API server; production keeps all', () => {
  const keeping = (profile: keyof typeof PROFILES): string[] =>
    jobs(profile)
      .filter(({ metric_relabel_configs }) => metric_relabel_configs !== undefined)
      .map(({ job_name }) => job_name);
  assert.deepEqual(keeping('drill'), ['node', 'kubelet', 'cadvisor', 'apiserver']);
  assert.deepEqual(keeping('production'), []);
});

test('every setting in which drills differ is told as a deviation', () => {
  assert.deepEqual(profileDeviations(PROFILES.production), []);
  const told = profileDeviations(PROFILES.drill);
  assert.ok(told.includes('monitoring.scrapeS: 1 instead of 15'));
  const different = Object.keys(PROFILES.drill).filter(
    (key) => PROFILES.drill[key as 'name'] !== PROFILES.production[key as 'name'],
  );
  assert.equal(told.length, different.length - 1, 'all but the name');
});

test('an alert never holds for less than two scrapes', () => {
  assert.equal(holdS(PROFILES.drill, 5), 5);
  assert.equal(holdS(PROFILES.production, 5), 30);
});

test('the error ratio has no value without requests, and the range is filled in everywhere', () => {
  const level = {
    service: 's',
    errors: 'sum(rate(e[$range]))',
    total: 'sum(rate(t[$range]))',
    objective: 0.9,
  };
  assert.equal(errorRatio(level, '5m'), '(sum(rate(e[5m]))) / (sum(rate(t[5m])) > 0)');
});
