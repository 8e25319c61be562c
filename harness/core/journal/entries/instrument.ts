/** Whether harness and observers were able to measure. */
export type InstrumentEntry = HarnessLag | HostPressure | ClockStep | ObserverState;

/** Harness timers that came late: a harness without CPU cannot measure. */
interface HarnessLag {
  readonly kind: 'harness.lag';
  readonly lateMs: number;
}

/** How starved the machine was that the trial ran on, over the time before this entry; once a second. */
interface HostPressure {
  readonly kind: 'host.pressure';
  readonly overMs: number;
  /** Mean number of threads that ran or waited for a processor, over the processors that there are. */
  readonly runnablePerCore: number;
  /** Share of the processors' time that nobody wanted; this and all below is absent in journals of before 2026-12. */
  readonly idleShare?: number;
  /** Share of the time in which no processor was idle, at least. */
  readonly noneIdleShare?: number;
  /** Share of the processors' time that programs had which are neither the cluster's nor the run's, stolen time among it. */
  readonly othersShare?: number;
  /** Why that is not known. */
  readonly othersUnknown?: string;
  /** For how long threads of nodes whose control group has a quota were kept from the processors, added up over them, as shares of the time. */
  readonly throttledShares?: Readonly<Record<string, number>>;
  /** Share of the processors' time that another virtual machine had while this one wanted it. */
  readonly stolenShare: number;
  /** Share of the time in which something (processor) or everything (memory, disks) stood still; absent where the kernel does not say. */
  readonly stalledShares: Readonly<Partial<Record<'cpu' | 'memory' | 'io', number>>>;
}

interface ClockStep {
  readonly kind: 'clock.step';
  readonly steppedMs: number;
}

/**
 * Whether an observer was looking. The absence of an event proves something only between `started` and `stopped`,
 * and outside of every `gap`.
 */
export interface ObserverState {
  readonly kind: 'observer';
  /** `probe:TARGET`, `watch` (its gaps by kind: `watch:Pod`), `promql`, `alerts`, `receiver`, `healer`, `api.audit`, `machine`. */
  readonly observer: string;
  readonly state: 'started' | 'gap' | 'stopped';
  readonly reason?: string;
  /** The time of a gap; without its end it is still open, and is told again, with the same beginning, when it is over. */
  readonly fromMonoMs?: number;
  readonly toMonoMs?: number;
}
