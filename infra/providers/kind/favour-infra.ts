import { messageOf } from '../../../harness/core/errors.ts';
import type { FleetParts } from './fleet-parts.ts';
import type { KindMachine } from './kind-machine.ts';

/** Eight times what a container has by itself; the same as on an embedded cluster. */
const INFRA_CPU_SHARES = 8 * 1024;

/**
 * Infra nodes stand for machines that a drill does not touch: on few processors the probe would otherwise measure its own
 * waiting. An engine that cannot weigh its containers is used as it is.
 */
export async function favourInfra(
  machines: readonly KindMachine[],
  { engine, log }: Pick<FleetParts, 'engine' | 'log'>,
): Promise<void> {
  for (const { name } of machines.filter(({ role }) => role === 'infra')) {
    try {
      await engine.call(['update', '--cpu-shares', String(INFRA_CPU_SHARES), name]);
    } catch (error) {
      log(`${name} has no more of the processors than others: ${messageOf(error)}`);
    }
  }
}
