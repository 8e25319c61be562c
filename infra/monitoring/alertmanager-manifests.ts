import { stringify } from 'yaml';
import { httpProbe, serviceOf } from '../agents/manifest/agent-deployment.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from '../agents/manifest/hardening.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import type { Manifest } from '../kube/objects.ts';
import {
  alertmanagerConfig,
  SECRET_DIRECTORY,
  SLACK_URL_FILE,
  WEBHOOK_URL_FILE,
} from './alertmanager-config.ts';
import { configHash } from './config-hash.ts';
import { ALERTMANAGER, MONITORING_NAMESPACE as namespace } from './names.ts';

interface AlertmanagerOptions {
  readonly image: string;
  readonly placement: Placement;
  /** Slack's incoming webhook, or who plays it. */
  readonly slackUrl: string;
  /** Takes Alertmanager's webhook messages. */
  readonly webhookUrl: string;
}

/** Alertmanager with its configuration; it talks to no API server and has no rights. */
export function alertmanagerManifests(options: AlertmanagerOptions): Manifest[] {
  const config = stringify(alertmanagerConfig(), { lineWidth: 0, aliasDuplicateObjects: false });
  const secret = { [SLACK_URL_FILE]: options.slackUrl, [WEBHOOK_URL_FILE]: options.webhookUrl };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: ALERTMANAGER.name, namespace },
      data: { 'alertmanager.yml': config },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: ALERTMANAGER.name, namespace },
      stringData: secret,
    },
    serviceOf(ALERTMANAGER.name, namespace, ALERTMANAGER.port),
    deployment(options, configHash(config, ...Object.values(secret))),
  ];
}

const labels = { app: ALERTMANAGER.name, 'app.kubernetes.io/part-of': 'firedrill' };

function deployment({ image, placement }: AlertmanagerOptions, hash: string): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: ALERTMANAGER.name, namespace, labels },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { app: ALERTMANAGER.name } },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels, annotations: { 'firedrill.dev/config': hash } },
        spec: {
          ...placement,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 5,
          securityContext: POD_SECURITY,
          containers: [
            {
              name: ALERTMANAGER.name,
              image,
              imagePullPolicy: 'IfNotPresent',
              args: [
                '--config.file=/etc/alertmanager/config/alertmanager.yml',
                '--storage.path=/alertmanager',
                // One replica: waiting for peers would only delay the first notification.
                '--cluster.listen-address=',
              ],
              ports: [{ name: 'http', containerPort: ALERTMANAGER.port }],
              startupProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: 60 }),
              readinessProbe: httpProbe('/-/ready', { periodSeconds: 1, failureThreshold: 3 }),
              livenessProbe: httpProbe('/-/healthy', { periodSeconds: 5, failureThreshold: 6 }),
              resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [
                { name: 'config', mountPath: '/etc/alertmanager/config', readOnly: true },
                { name: 'secrets', mountPath: SECRET_DIRECTORY, readOnly: true },
                { name: 'data', mountPath: '/alertmanager' },
              ],
            },
          ],
          volumes: [
            { name: 'config', configMap: { name: ALERTMANAGER.name } },
            { name: 'secrets', secret: { secretName: ALERTMANAGER.name } },
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  };
}
