import { given } from '../../harness/core/given.ts';
import {
  TOKEN_FILE,
  TOKEN_FOLDER,
  tokenSecret,
  tokenSecretName,
} from '../../infra/agents/manifest/access.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from '../../infra/agents/manifest/hardening.ts';
import type { Manifest } from '../../infra/kube/objects.ts';
import { DEFAULT_NODE_POLICY, type NodePolicy } from '../policy/node-policy.ts';
import { LEDGER } from '../cluster/ledger-object.ts';
import { PERMISSIONS } from '../cluster/permissions.ts';
import { LEADER_LEASE } from '../runtime/leadership.ts';
import { admissionManifests } from './admission.ts';
import { rbacManifests } from './rbac.ts';
import { spread } from './spread.ts';
import { witnessManifests } from './witness.ts';

export const HEALER_NAMESPACE = 'firedrill-system';
export const HEALER_NAME = 'firedrill-healer';
/** Keys `url`, `ca.crt`, `token`; without it the healer only cordons and alerts. */
export const MACHINES_SECRET = 'firedrill-machines';
/** Key `url`: a Slack webhook; without it nothing is sent. */
const SLACK_SECRET = 'firedrill-slack';
/** The Secret with the webhook of drills, under a name of its own: that of production is neither used nor overwritten. */
const DRILL_SLACK_SECRET = 'firedrill-drill-slack';
/** A machine interface that was named for a drill, where the cluster's owner has handed the healer none. */
export const DRILL_MACHINES_SECRET = 'firedrill-drill-machines';
const LABELS = { 'app.kubernetes.io/name': HEALER_NAME };

/** What may differ from production in a drill; each difference is listed as a deviation. */
export interface HealerOverlay {
  readonly node?: Partial<NodePolicy>;
  /** The Secret with the address that messages for people go to. */
  readonly slackSecret?: string;
  /** The Secret with the machine interface. */
  readonly machinesSecret?: string;
}

/** The overlay of drills: many nodes are lost in a short time, on purpose, and nobody is to be woken up for it. */
export const DRILL_OVERLAY: HealerOverlay = {
  node: { mode: 'act', budgetPerPool: 1000, budgetPerNode: 100 },
  slackSecret: DRILL_SLACK_SECRET,
};

/** What healer pods make themselves: ledger and lease, which outlive them. */
export const HEALER_RECORDS: readonly Manifest[] = [
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: LEDGER, namespace: HEALER_NAMESPACE } },
  {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: LEADER_LEASE, namespace: HEALER_NAMESPACE },
  },
];

/** The Secret of drills, with the address of a receiver that keeps what arrives. */
export function drillSlackSecret(url: string): Manifest {
  return secretOf(DRILL_SLACK_SECRET, { url });
}

/** The Secret of drills with a machine interface; without `caPem` it shows a certificate that everybody trusts. */
export function drillMachinesSecret(access: {
  readonly url: string;
  readonly token: string;
  readonly caPem?: string;
  readonly cluster?: string;
}): Manifest {
  const { url, token, caPem, cluster } = access;
  return secretOf(DRILL_MACHINES_SECRET, { url, token, ...given({ 'ca.crt': caPem, cluster }) });
}

function secretOf(name: string, texts: Readonly<Record<string, string>>): Manifest {
  const data = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: HEALER_NAMESPACE, labels: LABELS },
    data: Object.fromEntries(data) as Record<string, string>,
  };
}

/** One line for each setting that differs from production's default. */
export function deviationsOf(overlay: HealerOverlay): readonly string[] {
  const node = Object.entries(overlay.node ?? {}).map(([key, value]) => {
    const usual = DEFAULT_NODE_POLICY[key as keyof NodePolicy];
    return `healer node.${key}: ${JSON.stringify(value)} instead of ${JSON.stringify(usual)}`;
  });
  return [
    ...node,
    ...(overlay.slackSecret === undefined
      ? []
      : [`healer slack: the address in Secret ${overlay.slackSecret} instead of ${SLACK_SECRET}`]),
    ...(overlay.machinesSecret === undefined
      ? []
      : [`healer machines: the interface in Secret ${overlay.machinesSecret} instead of ${MACHINES_SECRET}`]),
  ];
}

interface HealerManifestOptions {
  readonly image: string;
  readonly overlay?: HealerOverlay;
  readonly imagePullPolicy?: 'Never' | 'IfNotPresent';
  /** For the Secret that the replicas and who reads their audit know. */
  readonly token: string;
}

/** Everything that the healer is in a cluster; the same in drills and in production but for image and overlay. */
export function healerManifests(options: HealerManifestOptions): readonly Manifest[] {
  const account = { name: HEALER_NAME, namespace: HEALER_NAMESPACE };
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: HEALER_NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...account, labels: LABELS } },
    ...rbacManifests(PERMISSIONS, account),
    ...admissionManifests(account),
    tokenSecret(account, options.token),
    configMap(options.overlay ?? {}),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { ...account, labels: LABELS },
      spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } },
    },
    deployment(options),
    ...witnessManifests(account, {
      image: options.image,
      imagePullPolicy: options.imagePullPolicy ?? 'Never',
    }),
  ];
}

function configMap(overlay: HealerOverlay): Manifest {
  const config = {
    node: { ...DEFAULT_NODE_POLICY, ...overlay.node },
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: HEALER_NAME, namespace: HEALER_NAMESPACE, labels: LABELS },
    data: { 'healer.json': JSON.stringify(config, undefined, 2) },
  };
}

function deployment({ image, imagePullPolicy, overlay }: HealerManifestOptions): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: HEALER_NAME, namespace: HEALER_NAMESPACE, labels: LABELS },
    spec: {
      replicas: 2,
      revisionHistoryLimit: 2,
      selector: { matchLabels: LABELS },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      template: {
        metadata: {
          labels: LABELS,
          annotations: {
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': '8080',
            'prometheus.io/path': '/metrics',
            // A changed configuration is a new roll-out: it is read once, at the start.
            'firedrill.dev/config': JSON.stringify(overlay ?? {}),
          },
        },
        spec: podSpec(image, imagePullPolicy ?? 'Never', {
          slack: overlay?.slackSecret ?? SLACK_SECRET,
          machines: overlay?.machinesSecret ?? MACHINES_SECRET,
        }),
      },
    },
  };
}

function podSpec(
  image: string,
  imagePullPolicy: string,
  secrets: { readonly slack: string; readonly machines: string },
): Record<string, unknown> {
  const probe = (path: string, periodSeconds: number, failureThreshold: number): Record<string, unknown> => ({
    httpGet: { path, port: 8080 },
    periodSeconds,
    failureThreshold,
    timeoutSeconds: 1,
  });
  return {
    serviceAccountName: HEALER_NAME,
    priorityClassName: 'system-cluster-critical',
    terminationGracePeriodSeconds: 10,
    enableServiceLinks: false,
    // Half of the cluster's DNS may have gone with the node that people are to hear of: asked again soon, it answers from the other half.
    dnsConfig: {
      options: [
        { name: 'timeout', value: '1' },
        { name: 'attempts', value: '2' },
      ],
    },
    securityContext: POD_SECURITY,
    ...spread(LABELS),
    containers: [
      {
        name: 'healer',
        image,
        imagePullPolicy,
        env: [
          { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'POD_UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
          { name: 'FIREDRILL_HEALER_CONFIG', value: '/etc/firedrill/config/healer.json' },
          {
            name: 'FIREDRILL_MACHINES_URL',
            valueFrom: { secretKeyRef: { name: secrets.machines, key: 'url', optional: true } },
          },
          {
            name: 'FIREDRILL_MACHINES_CLUSTER',
            valueFrom: { secretKeyRef: { name: secrets.machines, key: 'cluster', optional: true } },
          },
          { name: 'FIREDRILL_MACHINES_CA_FILE', value: '/etc/firedrill/machines/ca.crt' },
          { name: 'FIREDRILL_MACHINES_TOKEN_FILE', value: '/etc/firedrill/machines/token' },
          { name: 'FIREDRILL_SLACK_URL_FILE', value: '/etc/firedrill/slack/url' },
          { name: 'FIREDRILL_HEALER_TOKEN_FILE', value: TOKEN_FILE },
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        startupProbe: probe('/startup', 1, 60),
        readinessProbe: probe('/ready', 1, 2),
        livenessProbe: probe('/health', 5, 3),
        resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '300Mi' } },
        securityContext: CONTAINER_SECURITY,
        volumeMounts: [
          { name: 'config', mountPath: '/etc/firedrill/config', readOnly: true },
          { name: 'machines', mountPath: '/etc/firedrill/machines', readOnly: true },
          { name: 'slack', mountPath: '/etc/firedrill/slack', readOnly: true },
          { name: 'token', mountPath: TOKEN_FOLDER, readOnly: true },
          { name: 'state', mountPath: '/var/lib/firedrill' },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name: HEALER_NAME } },
      { name: 'machines', secret: { secretName: secrets.machines, optional: true } },
      { name: 'slack', secret: { secretName: secrets.slack, optional: true } },
      { name: 'token', secret: { secretName: tokenSecretName({ name: HEALER_NAME }), optional: true } },
      { name: 'state', emptyDir: { sizeLimit: '256Mi' } },
    ],
  };
}
