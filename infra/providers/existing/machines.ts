import { readFileSync } from 'node:fs';
import type { Clock } from '../../../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../../../harness/core/errors.ts';
import { HttpMachines } from '../../machines/client.ts';
import type { MachineAccess } from '../../machines/machine-access.ts';
import { DrillPower } from '../../machines/drill-power.ts';
import { inspectionOf } from '../../machines/inspection.ts';
import type { NodeMachines } from '../../machines/verbs.ts';
import type { Capability } from '../../../harness/core/capability.ts';
import { given } from '../../../harness/core/given.ts';
import type { CapabilityAnswer } from '../../cluster.ts';
import type { MachineSettings } from './settings.ts';

/** A call with all its repetitions ends within this. */
const CALL_WITHIN_MS = 60_000;
const REACHED_WITHIN_MS = 5_000;

/** The machines behind the nodes of a cluster, through the interface that somebody has configured. */
export interface ConfiguredMachines {
  readonly power: Pick<NodeMachines, 'powerOff' | 'powerOn' | 'replace' | 'inspect'>;
  readonly can: Readonly<Partial<Record<Capability, CapabilityAnswer>>>;
  /** Absent: pods do not reach it. */
  readonly fromPods?: MachineAccess;
}

/**
 * Asks a machine interface what it can do.
 * @throws FiredrillError `existing.no-machines` where it does not answer or refuses us: who configures one wants to use it
 */
export async function reachMachines(settings: MachineSettings, clock: Clock): Promise<ConfiguredMachines> {
  const { url, tokenFile, caFile, urlFromPods } = settings;
  try {
    const client = new HttpMachines({ url, tokenFile, ...given({ caFile }) });
    const abilities = await client.abilities(AbortSignal.timeout(REACHED_WITHIN_MS));
    const drill = new DrillPower(client, clock);
    const within = (): AbortSignal => AbortSignal.timeout(CALL_WITHIN_MS);
    return {
      ...(urlFromPods === undefined ? {} : { fromPods: accessOf(urlFromPods, settings) }),
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
      userError: true,
      cause,
      hint: 'check --machines, --machines-ca and --machines-token; without --machines no node power is needed',
    });
  }
}

/** Read now: what is handed to the cluster has to outlive us. */
function accessOf(url: string, { tokenFile, caFile }: MachineSettings): MachineAccess {
  return {
    url,
    token: readFileSync(tokenFile, 'utf8').trim(),
    ...(caFile === undefined ? {} : { caPem: readFileSync(caFile, 'utf8') }),
  };
}
