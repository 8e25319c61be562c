import { readFileSync, readdirSync } from 'node:fs';
import type { ContainerEngine } from '../../engine/engine.ts';
import { CLUSTER_LABEL } from './kind-plan.ts';

/** One node's container, as its engine shows it. */
export interface NodeContainer {
  readonly name: string;
  readonly id: string;
  readonly power: 'on' | 'off';
  readonly frozen: boolean;
  /** The network that it is plugged into; absent while its cable is out. */
  readonly network?: string;
  /** Of that network; absent while it is off or unplugged. */
  readonly address?: string;
  readonly address6?: string;
}

/** The parts of `ENGINE container inspect` that the three engines have in common. */
export interface InspectedContainer {
  readonly Id?: string;
  readonly Name: string;
  readonly Image?: string;
  readonly Config?: {
    readonly Image?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
  };
  readonly State?: {
    readonly Status?: string;
    readonly Running?: boolean;
    readonly Paused?: boolean;
  };
  readonly HostConfig?: {
    readonly Binds?: readonly string[] | null;
    readonly Tmpfs?: Readonly<Record<string, string>> | null;
    readonly SecurityOpt?: readonly string[] | null;
    readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number } | null;
    readonly CgroupnsMode?: string;
    readonly CgroupMode?: string;
    readonly UsernsMode?: string;
    readonly Sysctls?: Readonly<Record<string, string>> | null;
    readonly Devices?: readonly { readonly PathOnHost?: string }[] | null;
  };
  readonly Mounts?: readonly { readonly Type?: string; readonly Destination?: string }[] | null;
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<
      Record<string, { readonly IPAddress?: string; readonly GlobalIPv6Address?: string }>
    > | null;
  };
}

/** Docker says of a paused container that it runs, Podman that it does not: here its power is on for both. */
export function nodeContainer(inspected: InspectedContainer): NodeContainer {
  const { State: state = {}, NetworkSettings: settings } = inspected;
  const frozen = state.Paused === true || state.Status === 'paused';
  const [plugged] = Object.entries(settings?.Networks ?? {});
  const address = plugged?.[1].IPAddress ?? '';
  const address6 = plugged?.[1].GlobalIPv6Address ?? '';
  return {
    name: nameOf(inspected),
    id: inspected.Id ?? '',
    power: state.Running === true || frozen ? 'on' : 'off',
    frozen,
    ...(plugged === undefined ? {} : { network: plugged[0] }),
    ...(address === '' ? {} : { address }),
    ...(address6 === '' ? {} : { address6 }),
  };
}

/** Docker writes a slash before it. */
function nameOf({ Name: name }: InspectedContainer): string {
  return name.replace(/^\//, '');
}

/** Names of the containers that belong to a cluster of kind's, those that do not run among them. */
export function containersOf(engine: ContainerEngine, kindCluster: string): Promise<readonly string[]> {
  return engine.containersWith({ [CLUSTER_LABEL]: kindCluster });
}

/** All that the engine knows of these containers, by name. */
export async function inspectContainers(
  engine: ContainerEngine,
  names: readonly string[],
): Promise<ReadonlyMap<string, InspectedContainer>> {
  if (names.length === 0) return new Map();
  const out = await engine.call(['container', 'inspect', ...names]);
  const all = JSON.parse(out) as readonly InspectedContainer[];
  return new Map(all.map((inspected) => [nameOf(inspected), inspected]));
}

/**
 * Number of processes in each container, by what this machine's kernel says of their control groups: any user may read that.
 * The engine would have to be asked once for each. Where its containers are in a virtual machine none is seen.
 *
 * @param ids whole ids, which every engine makes part of the group's name
 */
export function countProcesses(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(ids.map((id) => [id, 0]));
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const groups = groupsOf(pid);
    for (const id of ids) if (groups.includes(id)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

function groupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
