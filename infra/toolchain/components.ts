import type { Bundle } from './component.ts';

const KUBERNETES = '1.36.3';

const kubernetesStamps = {
  'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '36',
  'k8s.io/component-base/version.gitTreeState': 'clean',
  'k8s.io/component-base/version.gitCommit': 'unknown',
  'k8s.io/component-base/version.buildDate': '1970-01-01T00:00:00Z',
  'k8s.io/client-go/pkg/version.gitVersion': `v${KUBERNETES}`,
};

const SERVER_TOOLS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;
const CNI_TOOLS = { ptp: 'main', loopback: 'main', 'host-local': 'ipam' } as const;

/**
 * Every pinned component, in the order in which a cold start needs them: a cluster first, load last.
 */
export const BUNDLES = [
  {
    name: 'kubernetes',
    version: KUBERNETES,
    tools: SERVER_TOOLS,
    download: {
      url: 'https://dl.k8s.io/v{version}/kubernetes-server-linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: Object.fromEntries(SERVER_TOOLS.map((tool) => [tool, `kubernetes/server/bin/${tool}`])),
    },
    build: {
      module: 'kubernetes',
      packages: Object.fromEntries(SERVER_TOOLS.map((tool) => [tool, `k8s.io/kubernetes/cmd/${tool}`])),
      tags: [],
      stamps: kubernetesStamps,
      packageCount: 2000,
      estimateMs: 280_000,
    },
  },
  {
    name: 'etcd',
    version: '3.6.8',
    tools: ['etcd'],
    download: {
      url: 'https://github.com/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: { etcd: 'etcd-v{version}-linux-{arch}/etcd' },
    },
    build: {
      module: 'kubernetes',
      packages: { etcd: 'go.etcd.io/etcd/server/v3' },
      tags: [],
      stamps: {},
      packageCount: 100,
      estimateMs: 8_000,
    },
  },
  {
    name: 'containerd',
    version: '2.4.2',
    tools: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
    download: {
      url: 'https://github.com/containerd/containerd/releases/download/v{version}/containerd-{version}-linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: {
        containerd: 'bin/containerd',
        'containerd-shim-runc-v2': 'bin/containerd-shim-runc-v2',
        ctr: 'bin/ctr',
      },
    },
    build: {
      module: 'containerd',
      packages: {
        containerd: 'github.com/containerd/containerd/v2/cmd/containerd',
        'containerd-shim-runc-v2': 'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
        ctr: 'github.com/containerd/containerd/v2/cmd/ctr',
      },
      tags: [],
      stamps: { 'github.com/containerd/containerd/v2/version.Version': 'v2.4.2' },
      packageCount: 500,
      estimateMs: 60_000,
    },
  },
  {
    name: 'cni',
    version: '1.9.1',
    tools: ['ptp', 'loopback', 'host-local'],
    download: {
      url: 'https://github.com/containernetworking/plugins/releases/download/v{version}/cni-plugins-linux-{arch}-v{version}.tgz',
      checksums: {},
      format: 'tar.gz',
      members: Object.fromEntries(Object.keys(CNI_TOOLS).map((tool) => [tool, `./${tool}`])),
    },
    build: {
      module: 'observability',
      packages: Object.fromEntries(
        Object.entries(CNI_TOOLS).map(([tool, kind]) => [
          tool,
          `github.com/containernetworking/plugins/plugins/${kind}/${tool}`,
        ]),
      ),
      tags: [],
      stamps: { 'github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion': 'v1.9.1' },
      packageCount: 30,
      estimateMs: 5_000,
    },
  },
  {
    name: 'coredns',
    version: '1.15.0',
    tools: ['coredns'],
    download: {
      url: 'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_linux_{arch}.tgz',
      checksums: {},
      format: 'tar.gz',
      members: { coredns: 'coredns' },
    },
    build: {
      module: 'coredns',
      packages: { coredns: '.' },
      tags: [],
      stamps: {},
      packageCount: 300,
      estimateMs: 50_000,
    },
  },
  {
    name: 'prometheus',
    version: '3.11.3',
    tools: ['prometheus'],
    download: {
      url: 'https://github.com/prometheus/prometheus/releases/download/v{version}/prometheus-{version}.linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: { prometheus: 'prometheus-{version}.linux-{arch}/prometheus' },
    },
    build: {
      module: 'observability',
      packages: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
      tags: ['remove_all_sd', 'enable_kubernetes_sd'],
      stamps: { 'github.com/prometheus/common/version.Version': '3.11.3' },
      packageCount: 500,
      estimateMs: 120_000,
    },
  },
  {
    name: 'alertmanager',
    version: '0.28.1',
    tools: ['alertmanager'],
    download: {
      url: 'https://github.com/prometheus/alertmanager/releases/download/v{version}/alertmanager-{version}.linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: { alertmanager: 'alertmanager-{version}.linux-{arch}/alertmanager' },
    },
    build: {
      module: 'alertmanager',
      packages: { alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager' },
      tags: [],
      stamps: { 'github.com/prometheus/common/version.Version': '0.28.1' },
      packageCount: 200,
      estimateMs: 25_000,
    },
  },
  {
    name: 'k6',
    version: '1.8.1',
    tools: ['k6'],
    download: {
      url: 'https://github.com/grafana/k6/releases/download/v{version}/k6-v{version}-linux-{arch}.tar.gz',
      checksums: {},
      format: 'tar.gz',
      members: { k6: 'k6-v{version}-linux-{arch}/k6' },
    },
    build: {
      module: 'observability',
      packages: { k6: 'go.k6.io/k6' },
      tags: [],
      stamps: {},
      packageCount: 400,
      estimateMs: 70_000,
    },
  },
] as const satisfies readonly Bundle[];

/** The name of a pinned tool: the name of its program. */
export type ToolName = (typeof BUNDLES)[number]['tools'][number];

/** Every tool's name, in the order of the table. */
export const TOOL_NAMES: readonly ToolName[] = BUNDLES.flatMap((bundle): readonly ToolName[] => bundle.tools);
