import { mkdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { Daemon } from '../../process/daemon.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import { auditPolicy } from '../../supervisor/audit-policy.ts';
import type { ClusterCredentials } from './credentials.ts';
import { NETWORK_PLAN } from './network-plan.ts';

type ControlPlaneTool = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

const flags = (values: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

const ETCD_URL = `http://127.0.0.1:${NETWORK_PLAN.etcdPort}`;

interface ControlPlaneOptions {
  readonly paths: ClusterPaths;
  readonly tools: Readonly<Record<ControlPlaneTool, string>>;
  /** PATH of its programs. */
  readonly searchPath: string;
  readonly onUnexpectedExit: (reason: string) => void;
}

/** The programs of a control plane, in this process's network namespace. */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #daemons: Daemon[] = [];

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  get processes(): readonly number[] {
    return this.#daemons.flatMap(({ pid }) => pid ?? []);
  }

  startEtcd(): void {
    const { paths } = this.#options;
    mkdirSync(paths.etcd, { recursive: true, mode: 0o700 });
    this.#start(
      'etcd',
      flags({
        'data-dir': paths.etcd,
        name: 'hub',
        // Loopback of the hub: neither a pod nor the host gets there.
        'listen-client-urls': ETCD_URL,
        'advertise-client-urls': ETCD_URL,
        'listen-peer-urls': 'http://127.0.0.1:2380',
        'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
        'initial-cluster': 'hub=http://127.0.0.1:2380',
        // A cluster that is thrown away needs no durability across a crash of the host.
        'unsafe-no-fsync': true,
        // The only member elects itself once an election's time has passed, which is a second of every start by default.
        'heartbeat-interval': 20,
        'election-timeout': 100,
        'log-level': 'warn',
      }),
    );
  }

  /** Once etcd answers: an API server that is refused there waits a second before it tries again. */
  startApiServer({ files }: ClusterCredentials): void {
    const { paths } = this.#options;
    const policyFile = join(paths.pki, 'audit-policy.yaml');
    writeFileSync(policyFile, auditPolicy());
    this.#start(
      'kube-apiserver',
      flags({
        'etcd-servers': ETCD_URL,
        'bind-address': NETWORK_PLAN.hubAddress,
        'advertise-address': NETWORK_PLAN.hubAddress,
        'secure-port': NETWORK_PLAN.apiServerPort,
        'service-cluster-ip-range': NETWORK_PLAN.serviceCidr,
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'client-ca-file': files['ca.crt'],
        'tls-cert-file': files['apiserver.crt'],
        'tls-private-key-file': files['apiserver.key'],
        'kubelet-certificate-authority': files['ca.crt'],
        'kubelet-client-certificate': files['kubelet-client.crt'],
        'kubelet-client-key': files['kubelet-client.key'],
        'kubelet-preferred-address-types': 'InternalIP',
        'service-account-issuer': `https://kubernetes.default.svc.${NETWORK_PLAN.clusterDomain}`,
        'service-account-key-file': files['service-accounts.pub'],
        'service-account-signing-key-file': files['service-accounts.key'],
        'allow-privileged': true,
        'audit-policy-file': policyFile,
        'audit-log-path': paths.auditLog,
        // Written as it happens: the journal must not wait for a batch.
        'audit-log-mode': 'blocking',
        v: 1,
      }),
    );
  }

  startScheduler({ files }: ClusterCredentials): void {
    this.#start('kube-scheduler', flags(client(files['scheduler.kubeconfig'])));
  }

  /** Once the API server is ready: until then this looks once a second only. */
  startControllerManager({ files }: ClusterCredentials): void {
    this.#start(
      'kube-controller-manager',
      flags({
        ...client(files['controller-manager.kubeconfig']),
        'service-account-private-key-file': files['service-accounts.key'],
        'root-ca-file': files['ca.crt'],
        'use-service-account-credentials': true,
        // The controller manager asks for a token for each of its controllers one by one: with the usual 20 a second that is 4 s of every start.
        'kube-api-qps': 200,
        'kube-api-burst': 400,
        'cluster-name': 'firedrill',
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.#daemons.map((daemon) => daemon.stop()));
  }

  #start(name: ControlPlaneTool, args: string[]): void {
    const { paths, tools, searchPath, onUnexpectedExit } = this.#options;
    const logFile = join(paths.logs, `${name}.log`);
    const daemon = new Daemon({
      ...{ name, command: tools[name], args, searchPath, logFile, restart: true, onUnexpectedExit },
    });
    this.#daemons.push(daemon.start());
    // It stands for machines of its own: nodes that start or suffer must not slow it down where all share two processors.
    if (daemon.pid !== undefined) setPriority(daemon.pid, constants.priority.PRIORITY_HIGH);
  }
}

const client = (kubeconfigFile: string): Record<string, string | number | boolean> => ({
  kubeconfig: kubeconfigFile,
  'authentication-kubeconfig': kubeconfigFile,
  'authorization-kubeconfig': kubeconfigFile,
  'bind-address': '127.0.0.1',
  'leader-elect': false,
  v: 1,
});
