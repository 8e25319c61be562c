import { createInterface } from 'node:readline';
import type { ContainerEngine } from '../../engine/engine.ts';
import { followEngine } from './engine-events.ts';

/** Where the API server finds its policy, and writes, in the control plane's container. */
const POLICY_FILE = '/etc/kubernetes/firedrill-audit-policy.yaml';
const LOG_DIRECTORY = '/var/log/kubernetes/firedrill';
/** The API server begins a new one at 100 MB, and keeps the old ones beside it. */
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

/**
 * Prints the lines of an audit log but for the first `$1`, and follows it; in the control plane's container. The API server
 * renames a log that has grown to 100 MB and begins another, so the lines are those of all files, in the order of their names,
 * which is that of time. It holds on to the last file by a name of its own, and ends when that is no longer the one that is
 * written to: whoever starts it again says how many lines there were until then, so that none is lost between two files.
 * A descriptor would hold it, too, but of one `tail` hears nothing: it would look once in a second.
 */
const FOLLOW = `
cd "$2" && ln -f audit.log followed || exit 1
skip=$1
for old in audit-*.log; do
  [ -e "$old" ] || continue
  lines=$(wc -l < "$old")
  if [ "$skip" -lt "$lines" ]; then tail -n "+$((skip + 1))" "$old"; skip=$lines; fi
  skip=$((skip - lines))
done
[ followed -ef audit.log ] || exit 0
tail --pid=$$ -n "+$((skip + 1))" -f followed &
while kill -0 $! 2> /dev/null && [ followed -ef audit.log ]; do sleep 1; done
kill $!
`;

/** Calls back with every event that the API server has written from its start on, until the signal aborts. */
export function followAudit(
  engine: ContainerEngine,
  controlPlane: string,
  onEvent: (event: Record<string, unknown>) => void,
  signal: AbortSignal,
): void {
  let seen = 0;
  followEngine(
    engine,
    {
      args: () => ['exec', controlPlane, 'sh', '-c', FOLLOW, 'follow-audit', `${seen}`, LOG_DIRECTORY],
      listen: (output, restart) => {
        const lines = createInterface({ input: output });
        lines.on('line', (line) => {
          const event = eventOf(line);
          if (event === undefined) {
            // Cut off where the container has died: it is read again, whole.
            lines.removeAllListeners('line');
            restart();
            return;
          }
          seen++;
          onEvent(event);
        });
      },
    },
    signal,
  );
}

function eventOf(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
