/** Whether harness and observers were able to measure. */
export type InstrumentEntry = HarnessLag | ClockStep | ObserverState;

/** Harness timers that came late: a harness without CPU cannot measure. */
interface HarnessLag {
  readonly kind: 'harness.lag';
  readonly lateMs: number;
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
