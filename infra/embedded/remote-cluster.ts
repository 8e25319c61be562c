import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { parse } from 'yaml';
import { buildImages } from '../images/build-image.ts';
import type { ImageDefinition } from '../images/definition.ts';
import type {
  Capability,
  CapabilityAnswer,
  Claim,
  Cluster,
  ClusterNode,
  MachineCall,
  MachineProfile,
  NodeInspection,
  NodeMachines,
} from '../cluster.ts';
import type { KubeTarget } from '../kube/target.ts';
import { SupervisorClient } from '../supervisor/client.ts';
import { identityOf, untilGone } from '../supervisor/process-identity.ts';
import type { SupervisorStatus } from '../supervisor/protocol.ts';
import { holdClaim } from './claim.ts';

const ENDED_WITHIN_MS = 5_000;
const CAN: readonly Capability[] = [
  'node.power',
  'node.freeze',
  'node.cable',
  'node.replace',
  'images.load',
  'audit.log',
];
const CANNOT: Readonly<Partial<Record<Capability, string>>> = {
  'networkpolicy.enforced': 'the embedded network routes everything; nothing enforces NetworkPolicies there',
};

/** The admin's access, from the kubeconfig that the supervisor wrote. */
function adminTarget(status: SupervisorStatus): KubeTarget {
  const { clusters, users } = parse(readFileSync(status.kubeconfigPath, 'utf8')) as EmbeddedKubeconfig;
  const pem = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
  return {
    server: status.apiServerUrl,
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
  readonly kube: KubeTarget;
  readonly machines: NodeMachines;
  readonly #supervisor: SupervisorClient;

  private constructor(status: SupervisorStatus, kube: KubeTarget, supervisor: SupervisorClient) {
    this.name = status.name;
    this.uid = status.uid;
    this.kubernetesVersion = status.kubernetesVersion;
    this.machineProfile = status.spec.machineProfile;
    this.kubeconfigPath = status.kubeconfigPath;
    this.kube = kube;
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

  /** @throws FiredrillError `supervisor.unreachable` */
  static async attach(socketPath: string): Promise<EmbeddedRemoteCluster> {
    const supervisor = new SupervisorClient(socketPath);
    const status = await supervisor.call<SupervisorStatus>('GET', '/v1/status');
    return new EmbeddedRemoteCluster(status, adminTarget(status), supervisor);
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

  async destroy(): Promise<void> {
    const { pid } = await this.#supervisor.call<SupervisorStatus>('GET', '/v1/status');
    const supervisor = identityOf(pid);
    await this.#supervisor.call('POST', '/v1/down');
    if (supervisor !== undefined) await untilGone(supervisor, ENDED_WITHIN_MS);
  }
}
