import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Duplex } from 'node:stream';
import { parse } from 'yaml';
import { FiredrillError } from '../../harness/core/errors.ts';
import { buildImages } from '../images/build-image.ts';
import type { ImageDefinition } from '../images/definition.ts';
import type {
  Capability,
  CapabilityAnswer,
  Claim,
  Cluster,
  ClusterNode,
  ClusterSoftware,
  MachineCall,
  MachineProfile,
  NodeInspection,
  NodeMachines,
  UndoneAnswer,
} from '../cluster.ts';
import type { KubeTarget } from '../kube/target.ts';
import type { ClusterPaths } from '../state-directory.ts';
import { SupervisorClient } from '../supervisor/client.ts';
import type { SupervisorStatus } from '../supervisor/protocol.ts';
import { holdClaim } from './claim.ts';
import { endCluster } from './end-cluster.ts';
import { EMBEDDED_DEVIATIONS } from './deviations.ts';

const CAN: readonly Capability[] = [
  'node.power',
  'node.freeze',
  'node.cable',
  'node.replace',
  'images.load',
  'audit.log',
  'storage.shared',
];
const CANNOT: Readonly<Partial<Record<Capability, string>>> = {
  'networkpolicy.enforced': 'the embedded network routes everything; nothing enforces NetworkPolicies there',
};

/** The admin's access, from the kubeconfig that the supervisor wrote. */
function adminTarget(server: string, kubeconfigPath: string): KubeTarget {
  const { clusters, users } = parse(readFileSync(kubeconfigPath, 'utf8')) as EmbeddedKubeconfig;
  const pem = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  return {
    server,
    caPem: pem(clusters[0].cluster['certificate-authority-data']),
    certPem: pem(users[0].user['client-certificate-data']),
    keyPem: pem(users[0].user['client-key-data']),
  };
}

interface EmbeddedKubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority-data': string } }];
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ];
}

/** An embedded cluster as seen from any other process: everything goes through its supervisor's control door. */
export class EmbeddedRemoteCluster implements Cluster {
  readonly provider = 'embedded';
  readonly name: string;
  readonly uid: string;
  readonly kubernetesVersion: string;
  readonly machineProfile: MachineProfile;
  readonly kubeconfigPath: string;
  readonly software: readonly ClusterSoftware[];
  readonly deviations = EMBEDDED_DEVIATIONS;
  readonly machines: NodeMachines;
  readonly #apiServerUrl: string;
  #kube: KubeTarget | undefined;
  readonly #supervisor: SupervisorClient;

  private constructor(status: SupervisorStatus, supervisor: SupervisorClient) {
    this.name = status.name;
    this.uid = status.uid;
    this.kubernetesVersion = status.kubernetesVersion;
    this.machineProfile = status.spec.machineProfile;
    this.kubeconfigPath = status.kubeconfigPath;
    this.#apiServerUrl = status.apiServerUrl;
    this.software = status.software;
    this.#supervisor = supervisor;
    const act = (verb: string) => async (node: string) => {
      await supervisor.call<NodeInspection>('POST', `/v1/nodes/${encodeURIComponent(node)}/${verb}`);
    };
    this.machines = {
      powerOff: act('power-off'),
      powerOn: act('power-on'),
      freeze: act('freeze'),
      thaw: act('thaw'),
      cableOut: act('cable-out'),
      cableIn: act('cable-in'),
      replace: async (node) =>
        (
          await supervisor.call<{ replacement: string }>(
            'POST',
            `/v1/nodes/${encodeURIComponent(node)}/replace`,
          )
        ).replacement,
      inspect: (node) => supervisor.call<NodeInspection>('GET', `/v1/nodes/${encodeURIComponent(node)}`),
    };
  }

  /** @throws FiredrillError `cluster.starting`, `cluster.failed`, `cluster.stopping`, `supervisor.unreachable` */
  static async attach(paths: ClusterPaths): Promise<EmbeddedRemoteCluster> {
    const name = basename(paths.directory);
    if (!existsSync(paths.controlSocket)) throw notReady(name, 'starting', '');
    const supervisor = new SupervisorClient(paths.controlSocket);
    const status = await supervisor.call<SupervisorStatus>('GET', '/v1/status');
    if (status.phase !== 'ready') throw notReady(name, status.phase, status.detail);
    return new EmbeddedRemoteCluster(status, supervisor);
  }

  /** Read when it is first needed: a cluster can be ended without it. */
  get kube(): KubeTarget {
    this.#kube ??= adminTarget(this.#apiServerUrl, this.kubeconfigPath);
    return this.#kube;
  }

  can(capability: Capability): CapabilityAnswer {
    if (CAN.includes(capability)) return { yes: true };
    return { yes: false, reason: CANNOT[capability] ?? `embedded clusters have no ${capability}` };
  }

  nodes(): Promise<readonly ClusterNode[]> {
    return this.#supervisor.call<readonly ClusterNode[]>('GET', '/v1/nodes');
  }

  async loadImages(images: readonly ImageDefinition[], nodes?: readonly string[]): Promise<void> {
    const built = await buildImages(images);
    await this.#supervisor.call('POST', '/v1/images', {
      images: built.map(({ reference, archive }) => ({ reference, archive })),
      ...(nodes ? { nodes } : {}),
    });
  }

  connect(host: string, port: number): Promise<Duplex> {
    return this.#supervisor.connect(host, port);
  }

  claim(session: string): Promise<Claim> {
    return holdClaim(this.#supervisor, session);
  }

  auditEvents(signal: AbortSignal): AsyncIterable<Record<string, unknown>> {
    return this.#supervisor.lines('/v1/audit', signal);
  }

  machineEvents(signal: AbortSignal): AsyncIterable<MachineCall> {
    return this.#supervisor.lines('/v1/machine-calls', signal);
  }

  async collectLogs(directory: string): Promise<void> {
    await this.#supervisor.call('POST', '/v1/logs', { directory });
  }

  undone(): Promise<UndoneAnswer> {
    return this.#supervisor.call<UndoneAnswer>('GET', '/v1/undone');
  }

  destroy(): Promise<void> {
    return endCluster(this.name, { force: true });
  }
}

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
