/** The only door for scenarios. */
export { expect, test } from './fixtures/test.ts';
export { healerActions } from './fixtures/matchers.ts';
export { imageRegistry, objectStore, smtpSink } from './fixtures/scenario-servers.ts';
export { slo } from './fixtures/declared-objectives.ts';
export * from './faults/builders.ts';
export type {
  FaultBuilder,
  NodeFaultOptions,
  PodFaultOptions,
  TimedNodeFaultOptions,
} from './faults/define-fault.ts';
export type { Fault, Injection, ResolvedTarget } from './core/faults/fault.ts';
export type { Bound, Judges, Slo } from './core/slo/slo.ts';
export type { SloSpec } from './core/slo/slo-builder.ts';
export type { Outcome, Verdict } from './core/verdict.ts';
export type { ClaimOptions, Subject } from './fixtures/matchers.ts';
export type { ClusterOptions, ForeignHealer, OwnWorkload, ScenarioOptions } from './stage/options.ts';
export type {
  ImageRegistry,
  ObjectStore,
  ScenarioServers,
  SmtpSink,
  StartedServer,
  SunkMail,
} from './fixtures/scenario-servers.ts';
export type { Trial } from './trial/trial.ts';
