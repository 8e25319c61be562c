import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { KEEP_LIST } from './keep-list.ts';
import { ALERTMANAGER, MONITORING_NAMESPACE, PROMETHEUS } from './names.ts';
import type { Profile } from './profile.ts';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const RULES_PATH = '/etc/prometheus/rules.yml';

/** The file prometheus.yml as an object. */
export function prometheusConfig(
  profile: Profile,
  options: { readonly clusterName?: string; readonly rulesPath?: string } = {},
): object {
  return {
    global: {
      scrape_interval: `${profile.scrapeS}s`,
      scrape_timeout: `${Math.min(profile.scrapeS, 10)}s`,
      evaluation_interval: `${profile.ruleS}s`,
      ...(options.clusterName === undefined ? {} : { external_labels: { cluster: options.clusterName } }),
    },
    rule_files: [options.rulesPath ?? RULES_PATH],
    alerting: { alertmanagers: [alertmanagers()] },
    scrape_configs: [
      pods(profile),
      clusterState(),
      // The kubelet's smallest page, as often as the workload: it tells within seconds that a node is silent.
      nodes(profile, 'node', '/metrics/probes', {}),
      nodes(profile, 'kubelet', '/metrics', background(profile)),
      nodes(profile, 'cadvisor', '/metrics/cadvisor', background(profile)),
      apiServer(profile),
      {
        job_name: PROMETHEUS.name,
        ...background(profile),
        static_configs: [{ targets: [`127.0.0.1:${PROMETHEUS.port}`] }],
      },
    ],
  };
}

type Relabeling = Readonly<Record<string, unknown>>;

/** One watch of all pods serves every job that looks for pods: identical discovery is shared. */
const ALL_PODS = [{ role: 'pod' }];
const NO_INIT_CONTAINERS = drop('pod_container_init', 'true');
const ALIVE_ONLY = drop('pod_phase', 'Pending|Succeeded|Failed');
/** No container or port among them: a pod with several ports is still one target. */
const POD_LABELS: readonly Relabeling[] = [
  label('namespace', 'namespace'),
  label('pod', 'pod_name'),
  label('node', 'pod_node_name'),
];

/** Everything that asks to be scraped by annotation, the workload among it. */
function pods(profile: Profile): object {
  return {
    job_name: 'pods',
    kubernetes_sd_configs: ALL_PODS,
    relabel_configs: [
      keep('pod_annotation_prometheus_io_scrape', 'true'),
      ALIVE_ONLY,
      NO_INIT_CONTAINERS,
      { ...label('__metrics_path__', 'pod_annotation_prometheus_io_path'), regex: '(.+)' },
      { ...label('__scheme__', 'pod_annotation_prometheus_io_scheme'), regex: '(https?)' },
      ...addressFromPort('pod_annotation_prometheus_io_port'),
      {
        ...label('__scrape_interval__', 'namespace'),
        regex: 'kube-system',
        replacement: `${profile.backgroundScrapeS}s`,
      },
      ...POD_LABELS,
      { ...label('app', 'pod_label_app_kubernetes_io_name'), regex: '(.+)' },
      { ...label('app', 'pod_label_app'), regex: '(.+)' },
      { source_labels: ['app'], regex: '(.+)', target_label: 'job' },
    ],
  };
}

/** The exporter: its `namespace`, `pod` and `node` are those of the objects that it tells of. */
function clusterState(): object {
  return {
    job_name: 'cluster-state',
    honor_labels: true,
    kubernetes_sd_configs: ALL_PODS,
    relabel_configs: [
      keep('namespace', MONITORING_NAMESPACE),
      keep('pod_label_app', EXPORTER_NAME),
      keep('pod_container_port_name', 'http'),
      ALIVE_ONLY,
    ],
  };
}

function nodes(
  profile: Profile,
  job: 'node' | 'kubelet' | 'cadvisor',
  path: string,
  interval: object,
): object {
  return {
    job_name: job,
    ...interval,
    scheme: 'https',
    metrics_path: path,
    kubernetes_sd_configs: [{ role: 'node' }],
    authorization: { credentials_file: `${SERVICE_ACCOUNT}/token` },
    // Most clusters let each kubelet sign its own serving certificate, which no authority vouches for. The token goes
    // to whoever answers at a node's address: it can read nodes' metrics and list pods, services of one namespace.
    tls_config: { insecure_skip_verify: true },
    relabel_configs: [label('node', 'node_name')],
    ...keepOnly(profile, job),
  };
}

function apiServer(profile: Profile): object {
  return {
    job_name: 'apiserver',
    ...background(profile),
    scheme: 'https',
    // Each server by its own address: behind the Service's address the counters of several would mix.
    kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['default'] } }],
    authorization: { credentials_file: `${SERVICE_ACCOUNT}/token` },
    tls_config: { ca_file: `${SERVICE_ACCOUNT}/ca.crt`, server_name: 'kubernetes.default.svc' },
    relabel_configs: [keep('service_name', 'kubernetes'), keep('endpointslice_port_name', 'https')],
    ...keepOnly(profile, 'apiserver'),
  };
}

function alertmanagers(): object {
  return {
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [MONITORING_NAMESPACE] } }],
    relabel_configs: [
      keep('pod_label_app', ALERTMANAGER.name),
      keep('pod_container_port_name', 'http'),
      ALIVE_ONLY,
    ],
  };
}

function background(profile: Profile): object {
  return {
    scrape_interval: `${profile.backgroundScrapeS}s`,
    scrape_timeout: `${Math.min(profile.backgroundScrapeS, 10)}s`,
  };
}

function keepOnly(profile: Profile, job: keyof typeof KEEP_LIST): object {
  if (!profile.keepList) return {};
  return {
    metric_relabel_configs: [
      { source_labels: ['__name__'], regex: KEEP_LIST[job].join('|'), action: 'keep' },
    ],
  };
}

function keep(meta: string, regex: string): Relabeling {
  return { source_labels: [`__meta_kubernetes_${meta}`], regex, action: 'keep' };
}

function drop(meta: string, regex: string): Relabeling {
  return { source_labels: [`__meta_kubernetes_${meta}`], regex, action: 'drop' };
}

function label(target: string, meta: string): Relabeling {
  return { source_labels: [`__meta_kubernetes_${meta}`], target_label: target };
}

/** IPv6 addresses want brackets. */
function addressFromPort(portMeta: string): Relabeling[] {
  const source_labels = ['__meta_kubernetes_pod_ip', `__meta_kubernetes_${portMeta}`];
  return [
    { source_labels, regex: '([0-9.]+);([0-9]+)', replacement: '$1:$2', target_label: '__address__' },
    {
      source_labels,
      regex: '([0-9a-f]*:[0-9a-f:]*);([0-9]+)',
      replacement: '[$1]:$2',
      target_label: '__address__',
    },
  ];
}
