import type { Bundle, ReleaseFile } from './component.ts';

const KUBERNETES = '1.36.3';
const CONTAINERD = '2.4.1';
const CNI = '1.9.1';
const PROMETHEUS = '3.11.3';
const ALERTMANAGER = '0.28.1';

const GITHUB = 'https://github.com';
const PROMETHEUS_VERSION = 'github.com/prometheus/common/version.Version';

/** Without these the servers report v0.0.0-master, which clients fail to parse. */
const KUBERNETES_STAMPS = {
  'k8s.io/component-base/version.gitVersion': `v${KUBERNETES}`,
  'k8s.io/component-base/version.gitMajor': KUBERNETES.split('.')[0] ?? '',
  'k8s.io/component-base/version.gitMinor': KUBERNETES.split('.')[1] ?? '',
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
const CONTAINERD_TOOLS = ['containerd', 'containerd-shim-runc-v2', 'ctr'] as const;
const CNI_TOOLS = ['ptp', 'loopback', 'host-local', 'bridge', 'portmap'] as const;
const CNI_FOLDERS = {
  ptp: 'main',
  loopback: 'main',
  bridge: 'main',
  'host-local': 'ipam',
  portmap: 'meta',
} as const;

function each<Name extends string>(
  names: readonly Name[],
  of: (name: Name) => string,
): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

/** A program of Kubernetes as its publisher gives it: alone, for amd64 and for arm64 with its digest. */
function kubernetes(tool: string, amd64: string, arm64: string): ReleaseFile {
  const url = `https://dl.k8s.io/release/v{version}/bin/linux/{arch}/${tool}`;
  return { url, checksums: { amd64, arm64 }, holds: tool };
}

/**
 * Every pinned component, in the order in which a cold start needs them: a cluster first, load last.
 *
 * Checksums are those that stand in public tables of others who had the files. Where none is known, the publisher's list beside the
 * file is read.
 */
export const BUNDLES = [
  {
    name: 'kubernetes',
    version: KUBERNETES,
    tools: SERVER_TOOLS,
    download: [
      kubernetes(
        'kube-apiserver',
        '1f217d397234a6d065da663c6e086fdb02c0f0de97a0758ff3e6f3956f4ef8ab',
        '16001b9d35d23634c361a1e2b7b0fc7abe186984af697ef7a869c8c8cded78b7',
      ),
      kubernetes(
        'kube-controller-manager',
        '7edfe976d5a06c7a702d653e914095f4a732a04bb2139115b6a6eba6a9b781c7',
        '27868a5c822824945b93f2d8a724a5dcd99affc68b47230ae766bff8795bbb84',
      ),
      kubernetes(
        'kube-scheduler',
        'b8955d4518c902110b50a825364339b1fb673822518ce0ba081a69ed634f8eee',
        'ca1c7cd0033942bf9ef7eac80e18375d91f6f29487244c3e685f11163b01a88d',
      ),
      kubernetes(
        'kubelet',
        '46707a53209f826ad0f0d62371ac69cd00e78fd9a8176cf5f6f87f18f7f8b718',
        '57205a5daf5883873d87b4914e1e00bdd7707acd075714788cfb0fc1f60bc414',
      ),
      kubernetes(
        'kube-proxy',
        'f1b5eb4462df9d98751264c6256628d90fdc72ba8e9a8025d1f75674f078f254',
        '5db204a2f79b26f676137052b45e391f6f8c93b85c85ef0a1f5d72647e3c7834',
      ),
    ],
    build: {
      module: 'kubernetes',
      packages: each(SERVER_TOOLS, () => '.'),
      stamps: KUBERNETES_STAMPS,
      packageCount: 2545,
      estimateMs: 280_000,
    },
  },
  {
    name: 'etcd',
    version: '3.6.8',
    tools: ['etcd'],
    download: [
      {
        url: `${GITHUB}/etcd-io/etcd/releases/download/v{version}/etcd-v{version}-linux-{arch}.tar.gz`,
        checksums: {
          amd64: 'cf9cfe91a4856cb90eed9c99e6aee4b708db2c7888b88a6f116281f04b0ea693',
          arm64: '438f56a700d17ce761510a3e63e6fa5c1d587b2dd4d7a22c179c09a649366760',
        },
        holds: { etcd: 'etcd-v{version}-linux-{arch}/etcd' },
      },
    ],
    build: {
      module: 'kubernetes',
      packages: { etcd: 'go.etcd.io/etcd/server/v3' },
      packageCount: 100,
      estimateMs: 8_000,
    },
  },
  {
    name: 'containerd',
    version: CONTAINERD,
    tools: CONTAINERD_TOOLS,
    download: [
      {
        // The static one: the other needs glibc 2.35.
        url: `${GITHUB}/containerd/containerd/releases/download/v{version}/containerd-static-{version}-linux-{arch}.tar.gz`,
        checksums: {
          amd64: '02ad3a7e80d7d2c018c7134d5eca7e301283db6895f100b957fb52ad8e5a30fd',
          arm64: 'd3aba9347650505df79858bb9cbf1be52080fd8145f72dd9308d4936f487fb74',
        },
        holds: each(CONTAINERD_TOOLS, (tool) => `bin/${tool}`),
      },
    ],
    build: {
      module: 'containerd',
      packages: each(CONTAINERD_TOOLS, (tool) => `github.com/containerd/containerd/v2/cmd/${tool}`),
      tags: ['no_devmapper', 'no_zfs', 'no_rdt', 'no_tracing'],
      stamps: { 'github.com/containerd/containerd/v2/version.Version': `v${CONTAINERD}` },
      packageCount: 540,
      estimateMs: 35_000,
    },
  },
  {
    name: 'cni',
    version: CNI,
    tools: CNI_TOOLS,
    download: [
      {
        url: `${GITHUB}/containernetworking/plugins/releases/download/v{version}/cni-plugins-linux-{arch}-v{version}.tgz`,
        checksums: {
          amd64: 'b98f74a0f8522f0a83867178729c1aa70f2158f90c45a2ca8fa791db1c76b303',
          arm64: '56171987d3947707c3563db2f4001bccaf50fd63468611b9f3cbecb1375ee7ec',
        },
        holds: each(CNI_TOOLS, (tool) => `./${tool}`),
      },
    ],
    build: {
      module: 'cni',
      packages: each(
        CNI_TOOLS,
        (tool) => `github.com/containernetworking/plugins/plugins/${CNI_FOLDERS[tool]}/${tool}`,
      ),
      stamps: {
        'github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion': `v${CNI}`,
      },
      packageCount: 30,
      estimateMs: 8_000,
    },
  },
  {
    name: 'coredns',
    version: '1.15.0',
    tools: ['coredns'],
    download: [
      {
        url: `${GITHUB}/coredns/coredns/releases/download/v{version}/coredns_{version}_linux_{arch}.tgz`,
        checksums: {},
        checksumUrl: `${GITHUB}/coredns/coredns/releases/download/v{version}/coredns_{version}_linux_{arch}.tgz.sha256`,
        holds: { coredns: 'coredns' },
      },
    ],
    build: {
      module: 'coredns',
      packages: { coredns: '.' },
      packageCount: 131,
      estimateMs: 8_000,
    },
  },
  {
    name: 'prometheus',
    version: PROMETHEUS,
    tools: ['prometheus'],
    download: [
      {
        url: `${GITHUB}/prometheus/prometheus/releases/download/v{version}/prometheus-{version}.linux-{arch}.tar.gz`,
        checksums: {
          amd64: '9479af67673316278958cda1f39b88a09f8921084e039c65acca060d0447bb38',
          arm64: 'd2ec0a96259afde955ad1560ced303cef99cac4dac676bd4dd7614d76adb708a',
        },
        holds: { prometheus: 'prometheus-{version}.linux-{arch}/prometheus' },
      },
    ],
    build: {
      module: 'prometheus',
      packages: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
      // Only the service discovery that a cluster needs: half the size, and none of the clouds' libraries.
      tags: ['remove_all_sd', 'enable_kubernetes_sd'],
      stamps: { [PROMETHEUS_VERSION]: PROMETHEUS },
      packageCount: 500,
      // The last dozen of the packages takes half of the time.
      milestones: [
        [225, 0.11],
        [320, 0.2],
        [428, 0.3],
        [477, 0.41],
        [483, 0.54],
        [487, 0.67],
        [489, 0.82],
        [491, 0.93],
      ],
      estimateMs: 77_000,
    },
  },
  {
    name: 'alertmanager',
    version: ALERTMANAGER,
    tools: ['alertmanager'],
    download: [
      {
        url: `${GITHUB}/prometheus/alertmanager/releases/download/v{version}/alertmanager-{version}.linux-{arch}.tar.gz`,
        checksums: {
          amd64: '5ac7ab5e4b8ee5ce4d8fb0988f9cb275efcc3f181b4b408179fafee121693311',
          arm64: 'd8832540e5b9f613d2fd759e31d603173b9c61cc7bb5e3bc7ae2f12038b1ce4f',
        },
        holds: { alertmanager: 'alertmanager-{version}.linux-{arch}/alertmanager' },
      },
    ],
    build: {
      module: 'alertmanager',
      packages: { alertmanager: 'github.com/prometheus/alertmanager/cmd/alertmanager' },
      stamps: { [PROMETHEUS_VERSION]: ALERTMANAGER },
      packageCount: 159,
      estimateMs: 10_000,
    },
  },
  {
    name: 'k6',
    version: '1.8.1',
    tools: ['k6'],
    download: [
      {
        url: `${GITHUB}/grafana/k6/releases/download/v{version}/k6-v{version}-linux-{arch}.tar.gz`,
        checksums: {},
        checksumUrl: `${GITHUB}/grafana/k6/releases/download/v{version}/k6-v{version}-checksums.txt`,
        holds: { k6: 'k6-v{version}-linux-{arch}/k6' },
      },
    ],
    build: {
      module: 'k6',
      packages: { k6: 'go.k6.io/k6' },
      packageCount: 376,
      estimateMs: 35_000,
    },
  },
  {
    name: 'kubectl',
    version: KUBERNETES,
    tools: ['kubectl'],
    download: [
      kubernetes(
        'kubectl',
        'ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336',
        '3d86f24401c41ae5a46ac50eef8865fe891d3647d324a0836f6c63757a126e62',
      ),
    ],
    build: {
      module: 'kubernetes',
      packages: { kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
      stamps: KUBERNETES_STAMPS,
      packageCount: 300,
      estimateMs: 20_000,
    },
  },
  {
    name: 'kind',
    version: '0.33.0',
    tools: ['kind'],
    download: [
      {
        url: `${GITHUB}/kubernetes-sigs/kind/releases/download/v{version}/kind-linux-{arch}`,
        checksums: {
          amd64: 'aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d',
          arm64: '20022bee6cfcd5086cb7234d218e3454e6090022f2a8f55d1fa7fcf42c3867a2',
        },
        holds: 'kind',
      },
    ],
    build: {
      module: 'kind',
      packages: { kind: 'sigs.k8s.io/kind' },
      packageCount: 60,
      estimateMs: 10_000,
    },
  },
  {
    name: 'distribution',
    version: '3.1.1',
    tools: ['registry'],
    download: [
      {
        url: `${GITHUB}/distribution/distribution/releases/download/v{version}/registry_{version}_linux_{arch}.tar.gz`,
        checksums: {},
        checksumUrl: `${GITHUB}/distribution/distribution/releases/download/v{version}/registry_{version}_linux_{arch}.tar.gz.sha256`,
        holds: { registry: 'registry' },
      },
    ],
    build: {
      module: 'distribution',
      packages: { registry: '.' },
      stamps: { 'github.com/distribution/distribution/v3/version.version': '3.1.1' },
      packageCount: 360,
      estimateMs: 40_000,
    },
  },
  {
    name: 'go-smtp',
    version: '0.25.1',
    tools: ['smtp-sink'],
    build: {
      module: 'go-smtp',
      packages: { 'smtp-sink': '.' },
      packageCount: 5,
      estimateMs: 5_000,
    },
  },
  {
    name: 'gofakes3',
    version: '1.2.0',
    tools: ['object-store'],
    build: {
      module: 'gofakes3',
      packages: { 'object-store': '.' },
      packageCount: 6,
      estimateMs: 5_000,
    },
  },
] as const satisfies readonly Bundle[];

/** The name of a pinned tool: the name of its program. */
export type ToolName = (typeof BUNDLES)[number]['tools'][number];

/** Every tool's name, in the order of the table. */
export const TOOL_NAMES: readonly ToolName[] = BUNDLES.flatMap((bundle): readonly ToolName[] => bundle.tools);

/** Tools that nobody needs who has not asked for what they do; all others belong to every run. */
export const TOOLS_ON_REQUEST: readonly ToolName[] = [
  'kubectl',
  'kind',
  'registry',
  'smtp-sink',
  'object-store',
];
