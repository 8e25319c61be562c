import type { Entry } from '../../harness/core/journal/journal.ts';
import { readInjections } from '../../harness/core/recovery/trial-facts.ts';
import { atMono, type Frame } from '../facts/frame.ts';
import { describeFault, seconds } from '../facts/wording.ts';
import type { FaultBar } from './picture.ts';

/** Every injection of the trial from its request to its proven end. */
export function readFaults(entries: readonly Entry[], frame: Frame): FaultBar[] {
  return readInjections(entries).map((injection) => {
    const { effective: bite, ineffective: miss, reverted: end } = injection;
    return {
      label: describeFault(injection),
      requestedMs: atMono(frame, injection.requestedMonoMs),
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
