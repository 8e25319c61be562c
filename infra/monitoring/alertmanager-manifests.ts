import { stringify } from 'yaml';
import { oneReplica, serverProbes, serviceOf } from '../agents/manifest/one-replica.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import type { Manifest } from '../kube/objects.ts';
import {
  alertmanagerConfig,
  SECRET_DIRECTORY,
  SLACK_URL_FILE,
  WEBHOOK_URL_FILE,
} from './alertmanager-config.ts';
import { configHash } from '../agents/manifest/config-hash.ts';
import { ALERTMANAGER, MONITORING_NAMESPACE as namespace, PROMETHEUS_PODS } from './names.ts';

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
    ...replica(options, configHash(config, ...Object.values(secret))),
  ];
}

function replica({ image, placement }: AlertmanagerOptions, hash: string): readonly Manifest[] {
  return oneReplica({
    ...ALERTMANAGER,
    namespace,
    image,
    placement,
    // It knows no token: whoever connects can silence an alert.
    usedBy: [PROMETHEUS_PODS],
    annotations: { 'firedrill.dev/config': hash },
    volumes: {
      config: { mountPath: '/etc/alertmanager/config', source: { configMap: { name: ALERTMANAGER.name } } },
      secrets: { mountPath: SECRET_DIRECTORY, source: { secret: { secretName: ALERTMANAGER.name } } },
      data: { mountPath: '/alertmanager', source: { emptyDir: {} } },
    },
    container: {
      args: [
        '--config.file=/etc/alertmanager/config/alertmanager.yml',
        '--storage.path=/alertmanager',
        // One replica: waiting for peers would only delay the first notification.
        '--cluster.listen-address=',
      ],
      ...serverProbes(60),
      resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
    },
  });
}
