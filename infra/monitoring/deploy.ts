import { FiredrillError } from '../../harness/core/errors.ts';
import { EXPORTER_NAME } from '../agents/exporter/manifest.ts';
import { AGENT_PORT } from '../agents/manifest/agent-deployment.ts';
import { onInfraNode, type Placement } from '../agents/manifest/placement.ts';
import { PROBE_NAME, PROBE_NAMESPACE, probeManifests } from '../agents/probe/manifest.ts';
import { RECEIVER_NAME, receiverService } from '../agents/receiver/manifest.ts';
import { applyAll, type Admit } from '../kube/apply.ts';
import type { KubeClient } from '../kube/client.ts';
import { readyEndpoint, type Endpoint, type WaitFacts } from './endpoint.ts';
import type { PerComponent } from './images.ts';
import { monitoringBase, monitoringManifests, receiverManifest } from './manifests.ts';
import { ALERTMANAGER, MONITORING_NAMESPACE as namespace, PROMETHEUS } from './names.ts';
import { profileDeviations, PROFILES, type Profile, type ProfileName } from './profile.ts';
import type { ServiceLevel } from './rules/index.ts';

const FIELD_MANAGER = 'firedrill-monitoring';
const READY_TIMEOUT_MS = 120_000;

/** Takes Slack messages inside the cluster and keeps them for the harness to read. */
export const RECEIVER_SLACK_URL = `http://${RECEIVER_NAME}.${namespace}.svc:${AGENT_PORT}/slack`;

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
  options: Pick<DeployOptions, 'kube' | 'signal' | 'readyTimeoutMs' | 'admit'> & { readonly image: string },
): Promise<Endpoint> {
  const { kube, image } = options;
  const placement = await applyBase(options);
  await applyAll(kube, [receiverManifest(image, placement)], applyOptions(options));
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
  return await readyEndpoint(kube, { namespace, name: RECEIVER_NAME, port: AGENT_PORT }, wait);
}

/** Deploys the probe agent in its own namespace, and says where it is once it is Ready. */
export async function deployProbe(
  options: Pick<DeployOptions, 'kube' | 'signal' | 'readyTimeoutMs' | 'admit'> & { readonly image: string },
): Promise<Endpoint> {
  const { kube, signal, image, readyTimeoutMs: timeoutMs = READY_TIMEOUT_MS } = options;
  const placement = await choosePlacement(kube, signal);
  await applyAll(kube, probeManifests({ image, placement }), {
    fieldManager: FIELD_MANAGER,
    force: true,
    signal,
    admit: options.admit,
  });
  return await probeEndpoint(kube, { timeoutMs, signal });
}

/** Where the probe agent is now; waits until it is ready. */
export async function probeEndpoint(kube: KubeClient, wait: WaitFacts): Promise<Endpoint> {
  return await readyEndpoint(kube, { namespace: PROBE_NAMESPACE, name: PROBE_NAME, port: AGENT_PORT }, wait);
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
