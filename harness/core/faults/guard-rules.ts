/** The rules that may refuse an injection; a fault lifts one by naming it in `options.allow`. */
export const GUARD_RULES = [
  'zero-targets',
  'unmarked-cluster',
  'outside-allowed',
  'freeze-window',
  'approval',
  'stop-condition',
  'control-plane',
  'own-monitoring',
  'half-of-nodes',
  'half-of-zones',
  'last-ready-replica',
] as const;
export type GuardRule = (typeof GUARD_RULES)[number];
