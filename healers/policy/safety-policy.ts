import type { CalendarWindow } from '../../harness/core/owner/calendar.ts';

/** What every path is held to before it acts. Durations are milliseconds of the healer's own clock. */
export interface SafetyPolicy {
  readonly apiFreshMs: number;
  readonly minimumHealthyPercent: number;
  readonly maximumUnhealthy: number;
  readonly maximumInFlight: number;
  readonly maximumInFlightPerZone: number;
  readonly coolDownMs: number;
  readonly budgetWindowMs: number;
  readonly budgetPerNode: number;
  readonly budgetPerPool: number;
  readonly maintenance: readonly CalendarWindow[];
}
