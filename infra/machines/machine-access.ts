import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../harness/core/clock.ts';
import { HttpMachines } from './client.ts';
import { DrillPower } from './drill-power.ts';

/** Where the reaper finds its machine interface, as files. */
export const MACHINES_PATH = '/etc/firedrill/machines';

/** A machine interface as pods reach it. */
export interface MachineAccess {
  readonly url: string;
  readonly token: string;
  /** Absent: the authorities that everybody trusts. */
  readonly caPem?: string;
  /** UID of the cluster whose machines they have to be. */
  readonly cluster?: string;
}

/** Undefined where the reaper was given none. */
export function mountedPower(clock: Clock, path = MACHINES_PATH): DrillPower | undefined {
  const file = (name: string): string => join(path, name);
  if (!existsSync(file('url'))) return undefined;
  const options = {
    url: readFileSync(file('url'), 'utf8').trim(),
    tokenFile: file('token'),
    ...(existsSync(file('ca.crt')) ? { caFile: file('ca.crt') } : {}),
    ...(existsSync(file('cluster')) ? { cluster: readFileSync(file('cluster'), 'utf8').trim() } : {}),
  };
  return new DrillPower(new HttpMachines(options), clock);
}
