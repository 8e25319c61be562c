import { stringify } from 'yaml';
import type { CgroupVersion } from './cgroup-tree.ts';
import { NETWORK_PLAN, podSubnet } from './network-plan.ts';

/** What the configuration files of one machine depend on. */
export interface NodeConfigInput {
  readonly ordinal: number;
  readonly infra: boolean;
  readonly cgroupRoot: string;
  readonly cgroupVersion: CgroupVersion;
  readonly pauseImage: string;
}

/**
 * The kubelet's configuration. Timings are Kubernetes' defaults on purpose: results have to compare with it.
 * What differs from a default is needed to run below another init system, and is explained line by line.
 */
export function kubeletConfig(input: NodeConfigInput): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      x509: { clientCAFile: '/opt/firedrill/config/ca.crt' },
      webhook: { enabled: true },
      anonymous: { enabled: false },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: '/opt/firedrill/config/kubelet-server.crt',
    tlsPrivateKeyFile: '/opt/firedrill/config/kubelet-server.key',
    clusterDomain: NETWORK_PLAN.clusterDomain,
    clusterDNS: [NETWORK_PLAN.dnsAddress],
    resolvConf: '/etc/resolv.conf',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: input.cgroupRoot,
    // The machine's programs are in a group of the supervisor's, which the kubelet must not move.
    enforceNodeAllocatable: ['none'],
    cgroupsPerQOS: true,
    ...(input.cgroupVersion === 1 ? { failCgroupV1: false } : {}),
    failSwapOn: false,
    // The host's kernel settings belong to the host: tolerate that they cannot be changed.
    featureGates: { KubeletInUserNamespace: true },
    ...(input.infra
      ? { registerWithTaints: [{ key: 'firedrill.dev/infra', value: 'true', effect: 'NoSchedule' }] }
      : {}),
    // Images come by import; nothing could pull them again.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '5%', 'nodefs.inodesFree': '3%' },
    logging: { format: 'text' },
  });
}

export function kubeProxyConfig(): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: '/opt/firedrill/config/kube-proxy.kubeconfig' },
    mode: 'iptables',
    clusterCIDR: NETWORK_PLAN.podCidr,
    // The size of the connection table is one setting for the whole host, which we leave alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    healthzBindAddress: '0.0.0.0:10256',
    metricsBindAddress: '127.0.0.1:10249',
  });
}

export function containerdConfig(input: NodeConfigInput): string {
  const cri = `'io.containerd.cri.v1.runtime'`;
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.erofs"]

[grpc]
address = "/run/containerd/containerd.sock"

[plugins.${cri}]
restrict_oom_score_adj = true
disable_apparmor = true

[plugins.${cri}.containerd]
default_runtime_name = "runc"

[plugins.${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins.${cri}.containerd.runtimes.runc.options]
SystemdCgroup = false

[plugins.${cri}.cni]
bin_dirs = ["/opt/firedrill/bin"]
conf_dir = "/etc/cni/net.d"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = ${JSON.stringify(input.pauseImage)}
`;
}

export function cniConfig(ordinal: number): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'firedrill',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podSubnet(ordinal) }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: '/run/cni-ipam',
        },
      },
    ],
  });
}

/** A kubeconfig with its keys inside; to be written with mode 0600. */
export function kubeconfig(options: {
  readonly server: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly name: string;
}): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: options.name,
          cluster: { server: options.server, 'certificate-authority-data': base64(options.caPem) },
        },
      ],
      users: [
        {
          name: options.name,
          user: {
            'client-certificate-data': base64(options.certPem),
            'client-key-data': base64(options.keyPem),
          },
        },
      ],
      contexts: [{ name: options.name, context: { cluster: options.name, user: options.name } }],
      'current-context': options.name,
    },
    { lineWidth: 0 },
  );
}
