import type { MachinePowerState } from '../machines/protocol.ts';
import type { MachineProfile } from '../cluster.ts';

/** For how long a cloud's interface goes on saying `on` after a machine has died by itself. */
export const CLOUD_DELAY_MS = { least: 60_000, most: 120_000 } as const;

/** How often an interface lets itself be asked. */
export interface CallRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A management controller bears any reasonable client; a cloud's API counts the calls of a whole account. */
export const CALL_RATES: Readonly<Record<Exclude<MachineProfile, 'none'>, CallRate>> = {
  bmc: { perSecond: 20, burst: 40 },
  cloud: { perSecond: 2, burst: 10 },
};

/** What is known of one machine when its state is asked for. */
export interface PowerFacts {
  readonly power: 'on' | 'off';
  /** Monotonic milliseconds of the moment when the power went off; undefined while it is on. */
  readonly offSinceMonoMs: number | undefined;
  /** Switched off through the interface itself, which then knows. */
  readonly fenced: boolean;
  /** 0 to 1, drawn once per power loss. */
  readonly draw: number;
}

/** What a machine interface of this kind says of a machine at this moment. */
export function reportedState(
  profile: MachineProfile,
  facts: PowerFacts,
  nowMonoMs: number,
): MachinePowerState {
  if (profile === 'none') return 'unknown';
  if (facts.power === 'on' || profile === 'bmc' || facts.fenced || facts.offSinceMonoMs === undefined)
    return facts.power;
  const delayMs = CLOUD_DELAY_MS.least + facts.draw * (CLOUD_DELAY_MS.most - CLOUD_DELAY_MS.least);
  return nowMonoMs - facts.offSinceMonoMs >= delayMs ? 'off' : 'on';
}
