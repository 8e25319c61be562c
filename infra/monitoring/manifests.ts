import { given } from '../../harness/core/given.ts';
import { exporterManifests } from '../agents/exporter/manifest.ts';
import { AGENT_PORT, namespaceOf } from '../agents/manifest/agent-deployment.ts';
import type { Peer } from '../agents/manifest/access.ts';
import type { Placement } from '../agents/manifest/placement.ts';
import { receiverManifests, receiverService } from '../agents/receiver/manifest.ts';
import type { Manifest } from '../kube/objects.ts';
import { alertmanagerManifests } from './alertmanager-manifests.ts';
import { tokenInAddress } from '../http/authorization.ts';
import type { PerComponent } from './images.ts';
import { ALERTMANAGER_PODS, MONITORING_NAMESPACE as namespace, PROMETHEUS_PODS } from './names.ts';
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
  readonly receiver: ReceiverAccess;
}

/** What the alert receiver asks for, and who else than our own servers may send it messages. */
export interface ReceiverAccess {
  readonly token: string;
  readonly senders: readonly Peer[];
}

/** What has to be there before the rest can be written: the receiver's address comes from its Service. */
export function monitoringBase(): Manifest[] {
  return [namespaceOf(namespace), receiverService(namespace)];
}

/** All of monitoring but its base. `receiverAddress` is an IP: a dead DNS server must not swallow the alert about it. */
export function monitoringManifests(options: MonitoringOptions, receiverAddress: string): Manifest[] {
  const { images, profile, placement, clusterName, serviceLevels, slackWebhookUrl, receiver } = options;
  const host = receiverAddress.includes(':') ? `[${receiverAddress}]` : receiverAddress;
  const receiverUrl = (path: string): string =>
    tokenInAddress(`http://${host}:${AGENT_PORT}${path}`, receiver.token);
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
      slackUrl: slackWebhookUrl ?? receiverUrl('/slack'),
      webhookUrl: receiverUrl('/webhook'),
    }),
    ...exporterManifests({ namespace, image: images.exporter, placement, usedBy: [PROMETHEUS_PODS] }),
    ...ownReceiver(images.receiver, placement, {
      ...receiver,
      senders: [PROMETHEUS_PODS, ALERTMANAGER_PODS, ...receiver.senders],
    }),
  ];
}

/** The part of monitoring that is needed beside a monitoring of the owner's, too. */
export function ownReceiver(
  image: string,
  placement: Placement,
  { token, senders }: ReceiverAccess,
): Manifest[] {
  return receiverManifests({ namespace, image, placement, token, usedBy: senders });
}
