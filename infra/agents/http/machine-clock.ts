import { readFileSync } from 'node:fs';

/** The clocks of the machine that an agent runs on. */
export interface MachineClock {
  /** The boot that `monoMs` counts from. */
  readonly bootId: string;
  /** CLOCK_MONOTONIC in milliseconds, exact to the microsecond. */
  readonly monoMs: () => number;
  readonly wallMs: () => number;
}

export function machineClock(): MachineClock {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    monoMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
    wallMs: () => Date.now(),
  };
}
