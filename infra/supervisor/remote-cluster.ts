import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Duplex } from 'node:stream';
import { FiredrillError } from '../../harness/core/errors.ts';
import { imageCacheDirectory } from '../images/blob-store.ts';
import { buildImages } from '../images/build-image.ts';
import type { ImageDefinition } from '../images/definition.ts';
import type { Capability } from '../../harness/core/capability.ts';
import type {
  CapabilityAnswer,
  Hold,
  Cluster,
  ClusterNode,
  ClusterSoftware,
  Footprint,
  LoadedImage,
  MachineCall,
  MachineProfile,
  UndoneAnswer,
} from '../cluster.ts';
import { type NodeMachines, type VerbParameters, forEachVerb } from '../machines/verbs.ts';
import type { KubeTarget } from '../kube/target.ts';
import type { ClusterPaths } from './cluster-directory.ts';
import { SupervisorClient } from './client.ts';
import { ANSWERS, type SupervisorStatus } from './protocol.ts';
import { keepHold } from './keep-hold.ts';
import { adminTarget } from '../kube/admin-target.ts';
import { endCluster } from './end-cluster.ts';
import type { Sweep } from './reap.ts';

/** What differs between the providers whose clusters have a supervisor. */
export interface ProviderDescriptor {
  readonly provider: string;
  /** Whose settings hold, also for the supervisor. */
  readonly env: NodeJS.ProcessEnv;
  readonly sweep: Sweep;
  readonly deviations: readonly string[];
  /** Why not, for each capability that is missing. */
  readonly cannot: Readonly<Partial<Record<Capability, string>>>;
  /** Where the cluster's network does not reach to its supervisor; absent: the supervisor is in it. */
  readonly connect?: (cluster: RemoteCluster, host: string, port: number) => Promise<Duplex>;
}

/** A cluster as seen from any process but its supervisor: everything goes through that one's control door. */
export class RemoteCluster implements Cluster {
  readonly provider: string;
  readonly deviations: readonly string[];
  readonly name: string;
  readonly uid: string;
  readonly kubernetesVersion: string;
  readonly machineProfile: MachineProfile;
  readonly kubeconfigPath: string;
  readonly software: readonly ClusterSoftware[];
  readonly machines: NodeMachines;
  #kube: KubeTarget | undefined;
  readonly #supervisor: SupervisorClient;
  readonly #descriptor: ProviderDescriptor;
  readonly #cannot: ProviderDescriptor['cannot'];
  readonly #paths: ClusterPaths;

  private constructor(status: SupervisorStatus, paths: ClusterPaths, descriptor: ProviderDescriptor) {
    const supervisor = new SupervisorClient(paths.controlSocket);
    this.#paths = paths;
    this.provider = descriptor.provider;
    this.deviations = descriptor.deviations;
    this.#descriptor = descriptor;
    this.#cannot = { ...descriptor.cannot, ...status.cannot };
    this.name = status.name;
    this.uid = status.uid;
    this.kubernetesVersion = status.kubernetesVersion;
    this.machineProfile = status.spec.machineProfile;
    this.kubeconfigPath = status.kubeconfigPath;
    this.software = status.software;
    this.#supervisor = supervisor;
    const pathOf = (node: string, verb = ''): string =>
      `/v1/nodes/${encodeURIComponent(node)}${verb && `/${verb}`}`;
    this.machines = {
      ...forEachVerb((verb) => async (node: string, parameters?: VerbParameters) => {
        await supervisor.call('POST', pathOf(node, verb), parameters);
      }),
      replace: async (node) =>
        (await supervisor.ask(ANSWERS.replacement, 'POST', pathOf(node, 'replace'))).replacement,
      inspect: (node) => supervisor.ask(ANSWERS.inspection, 'GET', pathOf(node)),
    };
  }

  /** @throws FiredrillError `cluster.starting`, `cluster.failed`, `cluster.stopping`, `supervisor.unreachable` */
  static async attach(paths: ClusterPaths, descriptor: ProviderDescriptor): Promise<RemoteCluster> {
    const name = basename(paths.directory);
    if (!existsSync(paths.controlSocket)) throw notReady(name, 'starting', '');
    const supervisor = new SupervisorClient(paths.controlSocket);
    const status = await supervisor.ask(ANSWERS.status, 'GET', '/v1/status');
    if (status.phase !== 'ready') throw notReady(name, status.phase, status.detail);
    return new RemoteCluster(status, paths, descriptor);
  }

  /** Read when it is first needed: a cluster can be ended without it. */
  get kube(): KubeTarget {
    this.#kube ??= adminTarget(this.kubeconfigPath);
    return this.#kube;
  }

  can(capability: Capability): CapabilityAnswer {
    const reason = this.#cannot[capability];
    return reason === undefined ? { yes: true } : { yes: false, reason };
  }

  nodes(): Promise<readonly ClusterNode[]> {
    return this.#supervisor.ask(ANSWERS.nodes, 'GET', '/v1/nodes');
  }

  async loadImages(
    images: readonly ImageDefinition[],
    nodes?: readonly string[],
  ): Promise<readonly LoadedImage[]> {
    const built = await buildImages(images, imageCacheDirectory(this.#descriptor.env));
    await this.#supervisor.call('POST', '/v1/images', {
      images: built.map(({ reference, archive }) => ({ reference, archive })),
      ...(nodes ? { nodes } : {}),
    });
    return built;
  }

  connect(host: string, port: number): Promise<Duplex> {
    const { connect } = this.#descriptor;
    return connect === undefined ? this.throughSupervisor(host, port) : connect(this, host, port);
  }

  /** A connection that begins where the supervisor is. */
  throughSupervisor(host: string, port: number): Promise<Duplex> {
    return this.#supervisor.connect(host, port);
  }

  hold(session: string): Promise<Hold> {
    return keepHold(this.#supervisor, session);
  }

  auditEvents(signal: AbortSignal): AsyncIterable<Record<string, unknown>> {
    return this.can('audit.log').yes
      ? this.#supervisor.lines(ANSWERS.auditEvent, '/v1/audit', signal)
      : nothing();
  }

  machineEvents(signal: AbortSignal): AsyncIterable<MachineCall> {
    return this.#supervisor.lines(ANSWERS.machineCall, '/v1/machine-calls', signal);
  }

  async footprint(): Promise<Footprint | undefined> {
    return (await this.#supervisor.ask(ANSWERS.footprint, 'GET', '/v1/footprint')).known;
  }

  async collectLogs(directory: string): Promise<void> {
    await this.#supervisor.call('POST', '/v1/logs', { directory });
  }

  undone(): Promise<UndoneAnswer> {
    return this.#supervisor.ask(ANSWERS.undone, 'GET', '/v1/undone');
  }

  destroy(): Promise<void> {
    const { provider, sweep } = this.#descriptor;
    return endCluster(this.#paths, { force: true, sweepers: { [provider]: sweep } });
  }
}

/** Ends at once. */
async function* nothing(): AsyncGenerator<never> {}

function notReady(name: string, phase: SupervisorStatus['phase'], detail: string): FiredrillError {
  const says = {
    starting: 'is starting',
    failed: `failed: ${detail}`,
    stopping: 'is going down',
    ready: 'is ready',
  }[phase];
  return new FiredrillError(`cluster.${phase}`, `cluster ${name} ${says}`, {
    userError: true,
    hint: phase === 'failed' ? `firedrill down --name ${name}` : `firedrill status --name ${name}`,
  });
}
