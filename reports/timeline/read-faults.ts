import type { Entry } from '../../harness/core/journal/journal.ts';
import { entriesOf } from '../../harness/core/journal/journal.ts';
import { atMono } from '../facts/frame.ts';
import type { Frame } from '../facts/frame.ts';
import { describeFault, seconds } from '../facts/wording.ts';
import type { FaultBar } from './picture.ts';

/** Every injection of the trial from its request to its proven end. */
export function readFaults(entries: readonly Entry[], frame: Frame): FaultBar[] {
  const resolved = entriesOf(entries, 'fault.resolved');
  const effective = entriesOf(entries, 'fault.effective');
  const ineffective = entriesOf(entries, 'fault.ineffective');
  const reverted = entriesOf(entries, 'fault.reverted');
  return entriesOf(entries, 'fault.requested').map((requested) => {
    const mine = (one: { readonly injectionId: string }): boolean =>
      one.injectionId === requested.injectionId;
    const bite = effective.find(mine);
    const miss = ineffective.find(mine);
    const end = reverted.findLast(mine);
    return {
      label: describeFault(requested.fault, resolved.find(mine)?.targets ?? [], bite !== undefined),
      requestedMs: atMono(frame, requested.monoMs),
      ...(bite ? { effectiveMs: atMono(frame, bite.effectiveMonoMs) } : {}),
      ...(end ? { revertedMs: atMono(frame, end.monoMs) } : {}),
      revertFailed: end?.ok === false,
      proof: bite
        ? `${bite.observer}: ${bite.observation}`
        : miss
          ? `no effect seen within ${seconds(miss.waitedMs)}: ${miss.lastSeen}`
          : 'never seen to take effect',
    };
  });
}
