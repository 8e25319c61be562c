/** Where the API server finds its policy, and writes, in the control plane's container. */
const POLICY_FILE = '/etc/kubernetes/firedrill-audit-policy.yaml';
export const LOG_DIRECTORY = '/var/log/kubernetes/firedrill';
/** What follow-audit.ts reads: the API server begins a new one at 100 MB, and keeps the old ones beside it. */
const LOG_FILE = `${LOG_DIRECTORY}/audit.log`;

const ARGUMENTS = {
  'audit-policy-file': POLICY_FILE,
  'audit-log-path': LOG_FILE,
  // Written as it happens: the journal must not wait for a batch.
  'audit-log-mode': 'blocking',
};
const VOLUMES = [
  { name: 'audit-policy', hostPath: POLICY_FILE, mountPath: POLICY_FILE, readOnly: true, pathType: 'File' },
  { name: 'audit-log', hostPath: LOG_DIRECTORY, mountPath: LOG_DIRECTORY, pathType: 'DirectoryOrCreate' },
];

/** The part of a kind configuration that puts a policy of this machine into the control plane's container. */
export function policyMount(hostPath: string): Readonly<Record<string, unknown>> {
  return { hostPath, containerPath: POLICY_FILE, readOnly: true };
}

/**
 * What kind is told to change in kubeadm's configuration, so that the API server keeps an audit log. The arguments are a list
 * since v1beta4, which kind uses from Kubernetes 1.36 on, and an object before; a patch of another version is left out by kind.
 */
export function auditPatches(): readonly Readonly<Record<string, unknown>>[] {
  const patchOf = (version: string, args: readonly Readonly<Record<string, unknown>>[]) => ({
    group: 'kubeadm.k8s.io',
    version,
    kind: 'ClusterConfiguration',
    patch: JSON.stringify([...args, { op: 'add', path: '/apiServer/extraVolumes', value: VOLUMES }]),
  });
  const args = Object.entries(ARGUMENTS);
  return [
    patchOf(
      'v1beta4',
      args.map(([name, value]) => ({ op: 'add', path: '/apiServer/extraArgs/-', value: { name, value } })),
    ),
    patchOf(
      'v1beta3',
      args.map(([name, value]) => ({ op: 'add', path: `/apiServer/extraArgs/${name}`, value })),
    ),
  ];
}
