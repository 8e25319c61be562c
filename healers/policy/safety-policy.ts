/** A recurring or absolute time in which nothing is healed. Times are UTC. */
export type MaintenanceWindow =
  | { readonly fromIso: string; readonly toIso: string }
  | { readonly weekdays: readonly number[]; readonly fromMinute: number; readonly toMinute: number };

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
  readonly maintenance: readonly MaintenanceWindow[];
}
