import { FiredrillError } from '../../harness/core/errors.ts';
import { patient } from '../../harness/core/patience.ts';
import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { tokenFor, type Peer } from '../agents/manifest/access.ts';
import { AGENT_PORT } from '../agents/manifest/agent-deployment.ts';
import { onInfraNode, type Placement } from '../agents/manifest/placement.ts';
import { PROBE, probeManifests } from '../agents/probe/manifest.ts';
import { RECEIVER_NAME, receiverService } from '../agents/receiver/manifest.ts';
import { applyAll, type Admit } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import { readyEndpoint, type Endpoint, type WaitFacts } from './endpoint.ts';
import { tokenInAddress } from '../http/authorization.ts';
import type { PerAgent, PerComponent } from './images.ts';
import { monitoringBase, monitoringManifests, ownReceiver, type ReceiverAccess } from './manifests.ts';
import { ALERTMANAGER, MONITORING_NAMESPACE as namespace, PROMETHEUS } from './names.ts';
import { profileDeviations, PROFILES, type Profile, type ProfileName } from './profile.ts';
import type { ServiceLevel } from './rules/index.ts';

const FIELD_MANAGER = 'firedrill-monitoring';
const READY_TIMEOUT_MS = patient(120_000);

const RECEIVER = { namespace, name: RECEIVER_NAME } as const;

/** Takes Slack messages inside the cluster and keeps them for the harness to read. */
export function receiverSlackUrl(token: string): string {
  return tokenInAddress(`http://${RECEIVER_NAME}.${namespace}.svc:${AGENT_PORT}/slack`, token);
}

/** What the agents ask for: random, made with their Secrets, and known to nobody who cannot read those. */
export async function agentTokens(kube: KubeClient, signal: AbortSignal): Promise<PerAgent<string>> {
  const [receiver, probe] = await Promise.all([
    tokenFor(kube, RECEIVER, signal),
    tokenFor(kube, PROBE, signal),
  ]);
  return { receiver, probe };
}

export interface DeployOptions {
  readonly kube: KubeClient;
  /** References of the built images, loaded on the nodes already. */
  readonly images: PerComponent<string>;
  readonly profile: ProfileName;
  readonly signal: AbortSignal;
  /** Becomes the label `cluster` of alerts. */
  readonly clusterName?: string;
  readonly serviceLevels?: readonly ServiceLevel[];
  readonly slackWebhookUrl?: string;
  readonly receiver: ReceiverAccess;
  /** Default 120000. */
  readonly readyTimeoutMs?: number;
  /** Decides what of the objects is applied; absent: all of them are. */
  readonly admit?: Admit | undefined;
}

export interface MonitoringEndpoints {
  readonly prometheus: Endpoint;
  readonly alertmanager: Endpoint;
  /** A program of ours, which no other monitoring has. */
  readonly receiver: Endpoint;
}

/** Monitoring as it runs. */
export interface Monitoring extends MonitoringEndpoints {
  /** Seconds between scrapes of what verdicts use. */
  readonly scrapeIntervalMs: number;
  /** What differs from the production profile, one line each, for the journal. */
  readonly deviations: readonly string[];
}

/**
 * Applies Prometheus, Alertmanager, exporter and alert receiver, and waits until each is ready. Safe to repeat: what
 * is there already stays unless its configuration or image changed.
 * Rejects with ApplyError, `kube.wait-timeout`, or the signal's reason.
 */
export async function deployMonitoring(options: DeployOptions): Promise<Monitoring> {
  const profile = await applyMonitoring(options);
  return {
    ...(await monitoringEndpoints(options.kube, waitOf(options))),
    scrapeIntervalMs: profile.scrapeS * 1_000,
    deviations: profileDeviations(profile),
  };
}

/** The receiver alone, where Prometheus and Alertmanager are there already. */
export async function deployReceiver(
  options: Pick<DeployOptions, 'kube' | 'signal' | 'readyTimeoutMs' | 'admit' | 'receiver'> & {
    readonly image: string;
  },
): Promise<Endpoint> {
  const { kube, image, receiver } = options;
  const placement = await applyBase(options);
  await applyAll(kube, ownReceiver(image, placement, receiver), applyOptions(options));
  return await receiverEndpoint(kube, waitOf(options));
}

async function applyMonitoring(options: DeployOptions): Promise<Profile> {
  const { kube } = options;
  const profile = PROFILES[options.profile];
  const placement = await applyBase(options);
  const address = await serviceAddress(kube, options.signal);
  await applyAll(
    kube,
    monitoringManifests({ ...options, profile, placement }, address),
    applyOptions(options),
  );
  return profile;
}

/** What the rest refers to; returns where the rest goes. */
async function applyBase(options: Pick<DeployOptions, 'kube' | 'signal' | 'admit'>): Promise<Placement> {
  const [placement] = await Promise.all([
    choosePlacement(options.kube, options.signal),
    applyAll(options.kube, monitoringBase(), applyOptions(options)),
  ]);
  return placement;
}

function applyOptions({ signal, admit }: Pick<DeployOptions, 'signal' | 'admit'>) {
  return { fieldManager: FIELD_MANAGER, force: true, signal, admit };
}

function waitOf({
  signal,
  readyTimeoutMs = READY_TIMEOUT_MS,
}: Pick<DeployOptions, 'signal' | 'readyTimeoutMs'>): WaitFacts {
  return { timeoutMs: readyTimeoutMs, signal };
}

/** Where monitoring is now; waits until all of it is ready. A component that died has come back as another pod. */
export async function monitoringEndpoints(kube: KubeClient, wait: WaitFacts): Promise<MonitoringEndpoints> {
  const ready = (name: string, port: number): Promise<Endpoint> =>
    readyEndpoint(kube, { namespace, name, port }, wait);
  const [prometheus, alertmanager, receiver] = await Promise.all([
    ready(PROMETHEUS.name, PROMETHEUS.port),
    ready(ALERTMANAGER.name, ALERTMANAGER.port),
    receiverEndpoint(kube, wait),
    ready(EXPORTER_NAME, AGENT_PORT),
  ]);
  return { prometheus, alertmanager, receiver };
}

/** Where the receiver is, once it is Ready. */
export async function receiverEndpoint(kube: KubeClient, wait: WaitFacts): Promise<Endpoint> {
  return await readyEndpoint(kube, { ...RECEIVER, port: AGENT_PORT }, wait);
}

/** Deploys the probe agent in its own namespace, and says where it is once it is Ready. */
export async function deployProbe(
  options: Pick<DeployOptions, 'kube' | 'signal' | 'readyTimeoutMs' | 'admit'> & {
    readonly image: string;
    readonly token: string;
    readonly usedBy: readonly Peer[];
  },
): Promise<Endpoint> {
  const { kube, signal, image, token, usedBy, readyTimeoutMs: timeoutMs = READY_TIMEOUT_MS } = options;
  const placement = await choosePlacement(kube, signal);
  await applyAll(kube, probeManifests({ image, placement, token, usedBy }), {
    fieldManager: FIELD_MANAGER,
    force: true,
    signal,
    admit: options.admit,
  });
  return await probeEndpoint(kube, { timeoutMs, signal });
}

/** Where the probe agent is now; waits until it is ready. */
export async function probeEndpoint(kube: KubeClient, wait: WaitFacts): Promise<Endpoint> {
  return await readyEndpoint(kube, { ...PROBE, port: AGENT_PORT }, wait);
}

/** On an infra node where the cluster has one, anywhere else where not. */
async function choosePlacement(kube: KubeClient, signal: AbortSignal): Promise<Placement> {
  const selection = { apiVersion: 'v1', kind: 'Node', labelSelector: 'firedrill.dev/role=infra' } as const;
  const { items } = await kube.list(selection, { signal });
  return onInfraNode(items.length > 0 ? 'required' : 'preferred');
}

async function serviceAddress(kube: KubeClient, signal: AbortSignal): Promise<string> {
  const name = receiverService(namespace).metadata.name ?? '';
  const service = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name }, { signal });
  const address = service.spec?.clusterIP;
  if (address !== undefined && address !== '') return address;
  throw new FiredrillError('monitoring.no-service-address', `Service ${namespace}/${name} got no address`);
}
