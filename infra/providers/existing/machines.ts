import { readFileSync } from 'node:fs';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { patient } from '../../../harness/core/patience.ts';
import { HttpMachines } from '../../machines/client.ts';
import type { MachineState } from '../../machines/protocol.ts';
import type { Clock } from '../../../harness/core/clock.ts';
import type { ReachedCluster } from './reach.ts';
import type { MachineAccess } from '../../machines/machine-access.ts';
import { DrillPower } from '../../machines/drill-power.ts';
import { inspectionOf } from '../../machines/inspection.ts';
import type { NodeMachines } from '../../machines/verbs.ts';
import type { Capability } from '../../../harness/core/capability.ts';
import { given } from '../../../harness/core/given.ts';
import { readTokenFile } from '../../../harness/core/token-file.ts';
import type { CapabilityAnswer } from '../../cluster.ts';
import type { MachineSettings } from './settings.ts';

/** A call with all its repetitions ends within this. */
const CALL_WITHIN_MS = patient(60_000);
const REACHED_WITHIN_MS = patient(5_000);

/** The machines behind the nodes of a cluster, through the interface that somebody has configured. */
export interface ConfiguredMachines {
  readonly power: Pick<NodeMachines, 'powerOff' | 'powerOn' | 'replace' | 'inspect'>;
  readonly can: Readonly<Partial<Record<Capability, CapabilityAnswer>>>;
  /** Absent: pods do not reach it. */
  readonly fromPods?: MachineAccess;
}

/** The cluster whose machines are meant. */
interface OwnMachines {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  readonly clock: Clock;
  /** The nodes by name, with what each says of its machine. */
  readonly systemUuids: () => Promise<ReadonlyMap<string, string>>;
}

export function ownMachines({ uid, kube }: Pick<ReachedCluster, 'uid' | 'kube'>): OwnMachines {
  const systemUuids = async () => {
    const { items } = await kube.list({ apiVersion: 'v1', kind: 'Node' } as const);
    return new Map(
      items.map(({ metadata, status }) => [metadata?.name ?? '', status?.nodeInfo?.systemUUID ?? '']),
    );
  };
  return { uid, clock: kube.clock, systemUuids };
}

/**
 * Asks a machine interface what it can do, and makes sure that its machines are those of this cluster.
 * @throws FiredrillError `existing.no-machines` where it does not answer, refuses us, or has or may have another cluster's machines:
 * who configures one wants to use it
 */
export async function reachMachines(
  settings: MachineSettings,
  { uid, clock, systemUuids }: OwnMachines,
): Promise<ConfiguredMachines> {
  const { url, tokenFile, caFile, urlFromPods } = settings;
  try {
    const client = new HttpMachines({ url, tokenFile, cluster: uid, ...given({ caFile }) });
    const {
      can: abilities,
      cluster,
      machines,
    } = await client.describe(AbortSignal.timeout(REACHED_WITHIN_MS));
    if (cluster === undefined) requireSameMachines(machines, await systemUuids());
    const drill = new DrillPower(client, clock);
    const within = (): AbortSignal => AbortSignal.timeout(CALL_WITHIN_MS);
    return {
      ...(urlFromPods === undefined
        ? {}
        : { fromPods: { ...accessOf(urlFromPods, settings), cluster: uid } }),
      power: {
        powerOff: (node) => drill.powerOff(node, within()),
        powerOn: (node) => drill.powerOn(node, within()),
        replace: (node) => drill.replace(node, within()),
        inspect: async (node) => inspectionOf(node, await drill.stateOf(node, within())),
      },
      can: {
        'node.power': abilities.includes('power-on')
          ? { yes: true }
          : {
              yes: false,
              reason: `the machine interface ${url} switches machines off, and nobody could switch them on again: it serves no power-on`,
            },
        'node.replace': abilities.includes('replace')
          ? { yes: true }
          : { yes: false, reason: `the machine interface ${url} serves no replace` },
      },
    };
  } catch (cause) {
    throw new FiredrillError('existing.no-machines', `the machine interface ${url}: ${messageOf(cause)}`, {
      cause,
      hint: 'check --machines, --machines-ca and --machines-token; without --machines no node power is needed',
    });
  }
}

/**
 * An interface that does not say whose machines it has shows it by each machine's own identity.
 * @throws FiredrillError `machines.foreign-cluster`
 */
function requireSameMachines(machines: readonly MachineState[], nodes: ReadonlyMap<string, string>): void {
  for (const { node, systemUuid = 'not told' } of machines) {
    const own = nodes.get(node);
    if (own === undefined || (own !== '' && own.toLowerCase() === systemUuid.toLowerCase())) continue;
    throw new FiredrillError(
      'machines.foreign-cluster',
      `nothing shows that ${node} is this cluster's: its node's systemUUID is ${own}, the machine's ${systemUuid}`,
      {
        hint: `GET /v1/machines has to tell "cluster" (the UID of kube-system) or each machine's "systemUuid"`,
      },
    );
  }
}

/** Read now: what is handed to the cluster has to outlive us. */
function accessOf(url: string, { tokenFile, caFile }: MachineSettings): MachineAccess {
  return {
    url,
    token: readTokenFile(tokenFile),
    ...(caFile === undefined ? {} : { caPem: readFileSync(caFile, 'utf8') }),
  };
}
