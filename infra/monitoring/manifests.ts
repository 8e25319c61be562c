import { given } from '../../harness/core/given.ts';
import { exporterManifests } from '../agents/exporter/manifest.ts';
import { AGENT_PORT, namespaceOf } from '../agents/manifest/agent-deployment.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import { receiverDeployment, receiverService } from '../agents/receiver/manifest.ts';
import type { Manifest } from '../kube/objects.ts';
import { alertmanagerManifests } from './alertmanager-manifests.ts';
import type { PerComponent } from './images.ts';
import { MONITORING_NAMESPACE as namespace } from './names.ts';
import type { Profile } from './profile.ts';
import { prometheusManifests } from './prometheus-manifests.ts';
import type { ServiceLevel } from './rules/index.ts';

interface MonitoringOptions {
  readonly images: PerComponent<string>;
  readonly profile: Profile;
  readonly placement: Placement;
  readonly clusterName?: string;
  /** Services with a promise to their users, besides what the probe sees. */
  readonly serviceLevels?: readonly ServiceLevel[];
  /** Slack's incoming webhook; absent: alerts go to the receiver of ours only. */
  readonly slackWebhookUrl?: string;
}

/** What has to be there before the rest can be written: the receiver's address comes from its Service. */
export function monitoringBase(): Manifest[] {
  return [namespaceOf(namespace), receiverService(namespace)];
}

/** All of monitoring but its base. `receiverAddress` is an IP: a dead DNS server must not swallow the alert about it. */
export function monitoringManifests(options: MonitoringOptions, receiverAddress: string): Manifest[] {
  const { images, profile, placement, clusterName, serviceLevels, slackWebhookUrl } = options;
  const host = receiverAddress.includes(':') ? `[${receiverAddress}]` : receiverAddress;
  const receiverUrl = `http://${host}:${AGENT_PORT}`;
  return [
    ...prometheusManifests({
      image: images.prometheus,
      profile,
      placement,
      ...given({ clusterName, serviceLevels }),
    }),
    ...alertmanagerManifests({
      image: images.alertmanager,
      placement,
      slackUrl: slackWebhookUrl ?? `${receiverUrl}/slack`,
      webhookUrl: `${receiverUrl}/webhook`,
    }),
    ...exporterManifests({ namespace, image: images.exporter, placement }),
    receiverManifest(images.receiver, placement),
  ];
}

/** The part of monitoring that is needed beside a monitoring of the owner's, too. */
export function receiverManifest(image: string, placement: Placement): Manifest {
  return receiverDeployment({ namespace, image, placement });
}
