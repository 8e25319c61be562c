import { stringify } from 'yaml';
import { given } from '../../harness/core/given.ts';
import { httpProbe, serviceOf } from '../agents/manifest/agent-deployment.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from '../agents/manifest/hardening.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import type { Manifest } from '../kube/objects.ts';
import { configHash } from './config-hash.ts';
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
    deployment(options, configHash(config, rules)),
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
    ...(profile.remoteWriteReceiver ? ['--web.enable-remote-write-receiver'] : []),
  ];
}

const YAML_STYLE = { lineWidth: 0, aliasDuplicateObjects: false } as const;
const labels = { app: PROMETHEUS.name, 'app.kubernetes.io/part-of': 'firedrill' };

function deployment({ image, profile, placement }: PrometheusOptions, hash: string): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: PROMETHEUS.name, namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { app: PROMETHEUS.name } },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels, annotations: { 'firedrill.dev/config': hash } },
        spec: {
          ...placement,
          serviceAccountName: PROMETHEUS.name,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 10,
          securityContext: POD_SECURITY,
          containers: [
            {
              name: PROMETHEUS.name,
              image,
              imagePullPolicy: 'IfNotPresent',
              args: [
                '--config.file=/etc/prometheus/prometheus.yml',
                '--storage.tsdb.path=/prometheus',
                ...prometheusFlags(profile),
              ],
              ports: [{ name: 'http', containerPort: PROMETHEUS.port }],
              startupProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: 300 }),
              readinessProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: 3 }),
              livenessProbe: httpProbe('/-/healthy', { periodSeconds: 5, failureThreshold: 6 }),
              resources: {
                requests: { cpu: '100m', memory: '256Mi' },
                limits: { memory: profile.memoryLimit },
              },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [
                { name: 'config', mountPath: '/etc/prometheus', readOnly: true },
                { name: 'data', mountPath: '/prometheus' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: PROMETHEUS.name } },
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  };
}

/** Finds targets and reads their metrics; of endpoints and Services only those of the API server itself. */
function rights(): Manifest[] {
  const account = { kind: 'ServiceAccount', name: PROMETHEUS.name, namespace };
  const clusterName = `firedrill-${PROMETHEUS.name}`;
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: PROMETHEUS.name, namespace } },
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata: { name: clusterName },
      rules: [
        { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { nonResourceURLs: ['/metrics'], verbs: ['get'] },
      ],
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: clusterName },
      roleRef: { apiGroup, kind: 'ClusterRole', name: clusterName },
      subjects: [account],
    },
    {
      apiVersion,
      kind: 'Role',
      metadata: { name: clusterName, namespace: 'default' },
      rules: [
        { apiGroups: [''], resources: ['services'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: clusterName, namespace: 'default' },
      roleRef: { apiGroup, kind: 'Role', name: clusterName },
      subjects: [account],
    },
  ];
}
