import { stringify } from 'yaml';
import { given } from '../../harness/core/given.ts';
import { oneReplica, serverProbes, serviceOf } from '../agents/manifest/one-replica.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import { roleWithBinding } from '../agents/manifest/rights.ts';
import type { Manifest } from '../kube/objects.ts';
import { configHash } from '../agents/manifest/config-hash.ts';
import { MONITORING_NAMESPACE as namespace, PROMETHEUS } from './names.ts';
import type { Profile } from './profile.ts';
import { prometheusConfig } from './prometheus-config.ts';
import { alertRules, type ServiceLevel } from './rules/index.ts';

interface PrometheusOptions {
  readonly image: string;
  readonly profile: Profile;
  readonly placement: Placement;
  readonly clusterName?: string;
  readonly serviceLevels?: readonly ServiceLevel[];
}

/** Prometheus with its configuration, rules and rights. */
export function prometheusManifests(options: PrometheusOptions): Manifest[] {
  const { profile, clusterName, serviceLevels } = options;
  const config = stringify(prometheusConfig(profile, given({ clusterName })), YAML_STYLE);
  const rules = stringify(alertRules(profile, serviceLevels), YAML_STYLE);
  return [
    ...rights(),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: PROMETHEUS.name, namespace },
      data: { 'prometheus.yml': config, 'rules.yml': rules },
    },
    serviceOf(PROMETHEUS.name, namespace, PROMETHEUS.port),
    ...replica(options, configHash(config, rules)),
  ];
}

/** The flags that do not depend on where files are. */
export function prometheusFlags(profile: Profile): string[] {
  return [
    `--storage.tsdb.retention.time=${profile.retention}`,
    // The volume is the pod's own, so nobody else can hold it.
    '--storage.tsdb.no-lockfile',
    `--rules.alert.resend-delay=${profile.alertResendS}s`,
    `--scrape.discovery-reload-interval=${profile.targetReloadS}s`,
  ];
}

const YAML_STYLE = { lineWidth: 0, aliasDuplicateObjects: false } as const;

function replica({ image, profile, placement }: PrometheusOptions, hash: string): readonly Manifest[] {
  return oneReplica({
    ...PROMETHEUS,
    namespace,
    image,
    placement,
    // The run comes through the API server; a pod that wants to query brings a policy of its own.
    usedBy: [],
    annotations: { 'firedrill.dev/config': hash },
    serviceAccount: PROMETHEUS.name,
    terminationGracePeriodSeconds: 10,
    volumes: {
      config: { mountPath: '/etc/prometheus', source: { configMap: { name: PROMETHEUS.name } } },
      data: { mountPath: '/prometheus', source: { emptyDir: {} } },
    },
    container: {
      args: [
        '--config.file=/etc/prometheus/prometheus.yml',
        '--storage.tsdb.path=/prometheus',
        ...prometheusFlags(profile),
      ],
      ...serverProbes(300),
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: profile.memoryLimit } },
    },
  });
}

/** Finds targets and reads their metrics; of endpoints and Services only those of the API server itself. */
function rights(): Manifest[] {
  const account = { kind: 'ServiceAccount', name: PROMETHEUS.name, namespace } as const;
  const name = `firedrill-${PROMETHEUS.name}`;
  const verbs = ['list', 'watch'];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: PROMETHEUS.name, namespace } },
    ...roleWithBinding(
      { name },
      [
        { apiGroups: [''], resources: ['nodes', 'pods'], verbs },
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { nonResourceURLs: ['/metrics'], verbs: ['get'] },
      ],
      account,
    ),
    ...roleWithBinding(
      { name, namespace: 'default' },
      [
        { apiGroups: [''], resources: ['services'], verbs },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
      ],
      account,
    ),
  ];
}
