import type { InspectedContainer } from './containers.ts';
import type { EngineName } from '../../engine/engine-names.ts';

/** Podman tells of it as if somebody had set it; the copy has a name of its own. */
const OWN_NAME = /^HOSTNAME=/;
/** Labels of other tools' are not ours to copy. */
const KIND_LABEL = /^io\.x-k8s\.kind\./;

/**
 * The arguments of `ENGINE run` that make a container like another one of kind's but for its name. It carries kind's labels,
 * so that `kind get nodes` names it and `kind delete cluster` takes it away.
 *
 * @param network that the other one is plugged into, or was before its cable came out
 * @param volume a volume made beforehand for /var, where the engine needs one
 */
export function cloneArguments(
  engine: EngineName,
  inspected: InspectedContainer,
  options: { readonly name: string; readonly network: string; readonly volume?: string },
): readonly string[] {
  const { Config: config = {}, HostConfig: host = {}, Mounts: mounts } = inspected;
  const { name, network, volume } = options;
  const each = (flag: string, values: readonly string[]): string[] =>
    values.flatMap((value) => [flag, value]);
  const labels = Object.entries(config.Labels ?? {}).filter(([key]) => KIND_LABEL.test(key));
  const cgroupNamespace = host.CgroupnsMode ?? host.CgroupMode ?? '';
  const anonymous = (mounts ?? []).flatMap(({ Type: type, Destination: path }) =>
    type === 'volume' && path !== undefined
      ? [volume === undefined ? path : `${volume}:${path}:suid,exec,dev`]
      : [],
  );
  const image = config.Image ?? inspected.Image ?? '';
  return [
    'run',
    '--detach',
    '--tty',
    '--privileged',
    ...each('--name', [name]),
    ...each('--hostname', [name]),
    ...each('--network', [network]),
    ...each(
      '--label',
      labels.map(([key, value]) => `${key}=${value}`),
    ),
    ...each(
      '--security-opt',
      (host.SecurityOpt ?? []).filter((option) => option.includes('unconfined')),
    ),
    ...each('--tmpfs', Object.keys(host.Tmpfs ?? {})),
    ...each('--volume', [...anonymous, ...(host.Binds ?? []).filter(isMountOfHost)]),
    ...each(
      '--device',
      (host.Devices ?? []).flatMap(({ PathOnHost: path = '' }) => (path === '' ? [] : [path])),
    ),
    ...each(
      '--sysctl',
      Object.entries(host.Sysctls ?? {}).map(([key, value]) => `${key}=${value}`),
    ),
    ...each(
      '--env',
      (config.Env ?? []).filter((variable) => !OWN_NAME.test(variable)),
    ),
    ...each('--cgroupns', cgroupNamespace === 'private' ? ['private'] : []),
    ...each('--userns', host.UsernsMode === 'host' ? ['host'] : []),
    ...(engine === 'docker' ? ['--init=false'] : []),
    ...each('--restart', restartOf(host.RestartPolicy)),
    image,
  ];
}

/** A bind that names a volume is one of the mounts. */
function isMountOfHost(bind: string): boolean {
  return bind.startsWith('/');
}

function restartOf(
  policy: { readonly Name?: string; readonly MaximumRetryCount?: number } | null | undefined,
): string[] {
  const { Name: name = '', MaximumRetryCount: retries = 0 } = policy ?? {};
  if (name === '' || name === 'no') return [];
  return [name === 'on-failure' && retries > 0 ? `${name}:${retries}` : name];
}
