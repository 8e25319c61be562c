import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { machineClock } from '../agents/http/machine-clock.ts';
import type { RunningService } from '../agents/http/service.ts';
import { tokenInAddress } from '../http/authorization.ts';
import { startReceiver } from '../agents/receiver/agent.ts';
import type { ReceivedPage, WebhookMessage } from '../agents/receiver/protocol.ts';
import { openToolchain } from '../toolchain/index.ts';
import { alertmanagerConfig, SLACK_URL_FILE, WEBHOOK_URL_FILE } from './alertmanager-config.ts';
import { PROFILES } from './profile.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { prometheusFlags } from './prometheus-manifests.ts';
import { alertRules } from './rules/index.ts';
import { servePages, type Pages } from './testing/pages.ts';
import { startProgram, type RunningProgram } from './testing/program.ts';
import { temporaryDirectory } from '../../harness/testing/temporary-directory.ts';

const WATCHED = ['prometheus', 'alertmanager'] as const;
const directory = temporaryDirectory('alerts');
const token = 'for-tests';
let paths: Record<(typeof WATCHED)[number], string>;
let pages: Pages;
let receiver: RunningService;
let alertmanager: RunningProgram;
let prometheus: RunningProgram;
/** Users whose requests fail. */
let failures: NodeJS.Timeout | undefined;

const HEALTHY = {
  '/cluster-state': [
    'kube_node_status_condition{node="node-1",condition="Ready",status="true"} 1',
    'kube_node_status_condition{node="node-1",condition="DiskPressure",status="true"} 0',
    'kube_pod_info{namespace="shop",pod="web-1",node="node-1",uid="u1"} 1',
    'kube_pod_status_phase{namespace="shop",pod="web-1",uid="u1",phase="Running"} 1',
    'kube_pod_status_phase{namespace="shop",pod="web-1",uid="u1",phase="Pending"} 0',
    'kube_pod_status_ready{namespace="shop",pod="web-1",uid="u1",condition="true"} 1',
    'kube_deployment_spec_replicas{namespace="shop",deployment="web"} 1',
    'kube_deployment_status_replicas_available{namespace="shop",deployment="web"} 1',
    'kube_endpoint_info{namespace="shop",endpoint="web"} 1',
    'kube_endpoint_address{namespace="shop",endpoint="web",ip="10.0.0.1",ready="true"} 1',
    'cluster_state_cache_age_seconds{resource="pods"} 0.2',
  ],
  '/node': ['prober_probe_total 1'],
};

function configure(name: string, config: object): string {
  const file = join(directory, name);
  writeFileSync(file, stringify(config));
  return file;
}

/** The probe's page: requests so far, and how many of them failed. */
function probed(total: number, failed: number): void {
  pages.set('/probe', [
    `probe_requests_total{target="shop",outcome="ok"} ${total - failed}`,
    `probe_requests_total{target="shop",outcome="timeout"} ${failed}`,
  ]);
}

/** Alert name -> state, of those that are pending or firing. */
async function active(): Promise<Map<string, string>> {
  const response = await fetch(`${prometheus.url}/api/v1/alerts`);
  const { data } = (await response.json()) as {
    data: { alerts: { labels: { alertname: string }; state: string }[] };
  };
  return new Map(data.alerts.map(({ labels, state }) => [labels.alertname, state]));
}

async function until(what: string, condition: () => Promise<string | undefined>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const missing = await condition();
    if (missing === undefined) return;
    assert.ok(Date.now() < deadline, `waited 30 s for ${what}: ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

before(async () => {
  const tools = await openToolchain(process.env).ensure(WATCHED);
  paths = { prometheus: tools.prometheus.path, alertmanager: tools.alertmanager.path };
  pages = await servePages();
  receiver = await startReceiver({ host: '127.0.0.1', port: 0, token, clock: machineClock() });
  for (const [path, lines] of Object.entries(HEALTHY)) pages.set(path, lines);
  probed(1_000, 0);

  writeFileSync(
    join(directory, SLACK_URL_FILE),
    tokenInAddress(`http://127.0.0.1:${receiver.port}/slack`, token),
  );
  writeFileSync(
    join(directory, WEBHOOK_URL_FILE),
    tokenInAddress(`http://127.0.0.1:${receiver.port}/webhook`, token),
  );
  const alertmanagerFile = configure('alertmanager.yml', alertmanagerConfig(directory));
  alertmanager = await startProgram({
    path: paths.alertmanager,
    args: (listen) => [
      `--config.file=${alertmanagerFile}`,
      `--storage.path=${join(directory, 'alertmanager')}`,
      '--cluster.listen-address=',
      `--web.listen-address=${listen}`,
    ],
    readyPath: '/-/ready',
  });

  const page = (job: string, path: string, labels: object = {}): object => ({
    job_name: job,
    honor_labels: job === 'cluster-state',
    metrics_path: path,
    static_configs: [{ targets: [pages.address], labels }],
  });
  const rules = configure('rules.yml', alertRules(PROFILES.drill));
  const prometheusFile = configure('prometheus.yml', {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager.url).host] }] }] },
    scrape_configs: [
      page('cluster-state', '/cluster-state'),
      page('node', '/node', { node: 'node-1' }),
      page('probe', '/probe'),
    ],
  });
  prometheus = await startPrometheus(prometheusFile, 'data');
});

async function startPrometheus(
  file: string,
  data: string,
  profile = PROFILES.drill,
): Promise<RunningProgram> {
  return await startProgram({
    path: paths.prometheus,
    args: (listen) => [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory, data)}`,
      ...prometheusFlags(profile),
      `--web.listen-address=${listen}`,
    ],
    readyPath: '/-/ready',
  });
}

after(async () => {
  clearInterval(failures);
  await prometheus.stop();
  await alertmanager.stop();
  await receiver.close();
  pages.close();
});

test('Prometheus takes the configuration of each profile', async () => {
  for (const profile of Object.values(PROFILES)) {
    const rulesPath = configure(`rules-${profile.name}.yml`, alertRules(profile));
    const file = configure(
      `${profile.name}.yml`,
      prometheusConfig(profile, { clusterName: 'test', rulesPath }),
    );
    const running = await startPrometheus(file, profile.name, profile);
    const { data } = (await (await fetch(`${running.url}/api/v1/status/config`)).json()) as {
      data: { yaml: string };
    };
    await running.stop();
    assert.match(data.yaml, new RegExp(`scrape_interval: ${profile.scrapeS}s`));
  }
});

test('in a healthy cluster only the watchdog fires', async () => {
  await until('a healthy state', async () => {
    const names = [...(await active()).keys()];
    return names.join() === 'Watchdog' ? undefined : `active are ${names.join(', ')}`;
  });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  // One scrape that a busy machine lets wait makes an alert pending, which is what the waiting is for.
  const firing = [...(await active())].filter(([, state]) => state === 'firing').map(([name]) => name);
  assert.deepEqual(firing, ['Watchdog'], 'and it stays so');
});

test('each fault has its alert, and what needs longer is pending', async () => {
  pages.set('/cluster-state', [
    'kube_node_status_condition{node="node-1",condition="Ready",status="true"} 0',
    'kube_node_status_condition{node="node-1",condition="DiskPressure",status="true"} 1',
    'kube_pod_info{namespace="shop",pod="web-1",node="node-1",uid="u1"} 1',
    'kube_pod_info{namespace="shop",pod="web-2",node="",uid="u2"} 1',
    'kube_pod_status_phase{namespace="shop",pod="web-1",uid="u1",phase="Running"} 1',
    'kube_pod_status_phase{namespace="shop",pod="web-2",uid="u2",phase="Pending"} 1',
    'kube_pod_status_ready{namespace="shop",pod="web-1",uid="u1",condition="true"} 0',
    'kube_pod_container_status_waiting_reason{namespace="shop",pod="web-1",uid="u1",container="web",reason="CrashLoopBackOff"} 1',
    'kube_deployment_spec_replicas{namespace="shop",deployment="web"} 2',
    'kube_deployment_status_replicas_available{namespace="shop",deployment="web"} 0',
    'kube_endpoint_info{namespace="shop",endpoint="web"} 1',
    'kube_endpoint_address{namespace="shop",endpoint="web",ip="10.0.0.1",ready="false"} 1',
    'cluster_state_cache_age_seconds{resource="pods"} 42',
  ]);
  let total = 1_000;
  failures = setInterval(() => probed((total += 20), total - 1_000), 1_000);
  const firing = [
    'NodeNotReady',
    'ClusterStateStale',
    'PodCrashLooping',
    'ServiceWithoutEndpoints',
    'ServiceErrorRatio',
    'ErrorBudgetBurnFast',
    'ErrorBudgetBurnSlow',
  ];
  await until('the alerts', async () => {
    const states = await active();
    const missing = firing.filter((name) => states.get(name) !== 'firing');
    return missing.length === 0 ? undefined : `${missing.join(', ')} not firing`;
  });
  const states = await active();
  for (const name of ['NodePressure', 'PodNotReady', 'DeploymentReplicasMissing']) {
    assert.equal(states.get(name), 'pending', name);
  }
  assert.equal(states.has('NodeDown'), false, 'a node whose kubelet answers is not down');
});

test('what fires arrives at the receiver: grouped by name, for Slack and in full, with its node muted', async () => {
  let messages: WebhookMessage[] = [];
  let slack = 0;
  await until('the notifications', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${receiver.port}/received`, { headers });
    const page = (await answer.json()) as ReceivedPage;
    messages = page.items.filter(({ form }) => form === 'webhook').map(({ body }) => body as WebhookMessage);
    slack = page.items.length - messages.length;
    const names = new Set(messages.map(({ groupLabels }) => groupLabels['alertname']));
    const missing = ['Watchdog', 'NodeNotReady', 'ServiceErrorRatio'].filter((name) => !names.has(name));
    return missing.length === 0 && slack > 0
      ? undefined
      : `missing ${missing.join(', ')}, ${slack} for Slack`;
  });
  for (const { groupLabels, alerts } of messages) {
    assert.deepEqual(
      [...new Set(alerts.map(({ labels }) => labels['alertname']))],
      [groupLabels['alertname']],
    );
  }
  const muted = messages.filter(({ groupLabels }) => groupLabels['alertname'] === 'PodCrashLooping');
  assert.deepEqual(muted, [], 'the alert of a pod on a node that is not ready');
});

test('an exporter that is gone and a node that is silent are told', async () => {
  const silent = new Set(['ClusterStateMissing', 'NodeDown']);
  pages.close();
  pages = await servePages();
  await until('the alerts', async () => {
    const states = await active();
    const missing = [...silent].filter((name) => states.get(name) !== 'firing');
    return missing.length === 0 ? undefined : `${missing.join(', ')} not firing`;
  });
});
