import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../process/daemon.ts';
import type { ClusterPaths } from '../../supervisor/cluster-directory.ts';
import { auditPolicy } from '../../supervisor/audit-policy.ts';
import type { ClusterCredentials } from './credentials.ts';
import { NETWORK_PLAN } from './network-plan.ts';

type ControlPlaneTool = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';

export interface ControlPlane {
  readonly daemons: Partial<Record<ControlPlaneTool, Daemon>>;
  /** Starts what gives up at once where no API server answers yet. */
  startControllers(): void;
  stop(): Promise<void>;
}

const flags = (values: Readonly<Record<string, string | number | boolean>>): string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

/** Starts etcd and the API server in this process's network namespace. */
export function startControlPlane(options: {
  readonly paths: ClusterPaths;
  readonly credentials: ClusterCredentials;
  readonly tools: Readonly<Record<ControlPlaneTool, string>>;
  /** PATH of its programs. */
  readonly searchPath: string;
  readonly onUnexpectedExit: (reason: string) => void;
}): ControlPlane {
  const { paths, credentials, tools, searchPath, onUnexpectedExit } = options;
  const { files } = credentials;
  mkdirSync(paths.etcd, { recursive: true, mode: 0o700 });
  const policyFile = join(paths.pki, 'audit-policy.yaml');
  writeFileSync(policyFile, auditPolicy());
  const etcdUrl = `http://127.0.0.1:${NETWORK_PLAN.etcdPort}`;
  const start = (name: ControlPlaneTool, args: string[]): Daemon =>
    new Daemon({
      name,
      command: tools[name],
      args,
      searchPath,
      logFile: join(paths.logs, `${name}.log`),
      restart: true,
      onUnexpectedExit,
    }).start();

  const etcd = start(
    'etcd',
    flags({
      'data-dir': paths.etcd,
      name: 'hub',
      // Loopback of the hub: neither a pod nor the host gets there.
      'listen-client-urls': etcdUrl,
      'advertise-client-urls': etcdUrl,
      'listen-peer-urls': 'http://127.0.0.1:2380',
      'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
      'initial-cluster': 'hub=http://127.0.0.1:2380',
      // A cluster that is thrown away needs no durability across a crash of the host.
      'unsafe-no-fsync': true,
      'log-level': 'warn',
    }),
  );
  const apiServer = start(
    'kube-apiserver',
    flags({
      'etcd-servers': etcdUrl,
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
  const client = (kubeconfigFile: string): Record<string, string | number | boolean> => ({
    kubeconfig: kubeconfigFile,
    'authentication-kubeconfig': kubeconfigFile,
    'authorization-kubeconfig': kubeconfigFile,
    'bind-address': '127.0.0.1',
    'leader-elect': false,
    v: 1,
  });
  const daemons: Partial<Record<ControlPlaneTool, Daemon>> = { etcd, 'kube-apiserver': apiServer };
  return {
    daemons,
    startControllers: () => {
      daemons['kube-controller-manager'] = start(
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
      daemons['kube-scheduler'] = start('kube-scheduler', flags(client(files['scheduler.kubeconfig'])));
    },
    stop: async () => {
      await Promise.all(Object.values(daemons).map((daemon) => daemon.stop()));
    },
  };
}
