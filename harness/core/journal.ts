import type { Fault, ResolvedTarget, Undo } from './fault.ts';
import type { Bound, Judges } from './slo.ts';
import type { Outcome } from './verdict.ts';

/**
 * Everything that a verdict rests on is an entry of the journal: one JSON object per line, in the order of arrival.
 * `monoMs` is CLOCK_MONOTONIC of the harness's machine, `wallMs` the Unix time, both when the entry was written
 * unless the entry names its own instants.
 */
export interface EntryStamp {
  readonly seq: number;
  readonly monoMs: number;
  readonly wallMs: number;
}

export interface TrialStarted {
  readonly kind: 'trial.started';
  readonly schema: 1;
  readonly trialId: string;
  readonly runId: string;
  /** The scenario file without directory and ending, e.g. `node-loss`. */
  readonly scenario: string;
  readonly title: string;
  readonly seed: number;
  readonly repeatIndex: number;
  readonly control: boolean;
  readonly expected: Outcome;
  readonly deadlineMs: number;
  readonly bootId: string;
  readonly cluster: {
    readonly name: string;
    readonly provider: string;
    readonly kubernetesVersion: string;
    readonly uid: string;
    readonly nodes: readonly { readonly name: string; readonly zone: string; readonly role: string }[];
    /** The machine interface profile: bmc, cloud or none. */
    readonly machineProfile: string;
  };
  readonly config: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Digests of the images. */
  readonly digests: Readonly<Record<string, string>>;
  /** The programs that were run as they are: `source` is download, build, system or override. */
  readonly tools?: readonly {
    readonly name: string;
    readonly version: string;
    readonly source: string;
    readonly digest: string;
  }[];
  readonly deviations: readonly string[];
  readonly again: string;
}

/** A step of the trial's life that takes time: cluster, monitoring, healer, workload, gate, inject, observe, revert. */
export interface Phase {
  readonly kind: 'phase';
  readonly phase: string;
  readonly state: 'begin' | 'end';
  readonly detail?: string;
}

/** The gate's answer: nothing is injected unless `ok`. */
export interface Gate {
  readonly kind: 'gate';
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

export interface FaultRequested {
  readonly kind: 'fault.requested';
  readonly injectionId: string;
  readonly fault: Fault;
}
export interface FaultResolved {
  readonly kind: 'fault.resolved';
  readonly injectionId: string;
  readonly targets: readonly ResolvedTarget[];
  readonly leaderHit: boolean;
  /** Pods of the workload that live on, or are, the targets. */
  readonly podsHit: number;
  readonly podsTotal: number;
}
export interface FaultIntent {
  readonly kind: 'fault.intent';
  readonly injectionId: string;
  readonly undo: Undo;
}
export interface FaultApplied {
  readonly kind: 'fault.applied';
  readonly injectionId: string;
  /** Milliseconds from the injector's call to its acknowledgement. */
  readonly ackMs: number;
}
export interface FaultEffective {
  readonly kind: 'fault.effective';
  readonly injectionId: string;
  /** The independent observer, never the injector. */
  readonly observer: string;
  readonly observation: string;
  readonly effectiveMonoMs: number;
  readonly effectiveWallMs: number;
  readonly errorMs: number;
}
export interface FaultIneffective {
  readonly kind: 'fault.ineffective';
  readonly injectionId: string;
  readonly waitedMs: number;
  readonly lastSeen: string;
}
export interface FaultReverted {
  readonly kind: 'fault.reverted';
  readonly injectionId: string;
  readonly ok: boolean;
  readonly observation: string;
  readonly by: 'trial' | 'supervisor' | 'expiry' | 'reaper';
}

/** One request of the probe. A sample belongs to the instant when it was due. */
export interface ProbeSample {
  readonly kind: 'probe.sample';
  readonly target: string;
  readonly probeSeq: number;
  readonly dueMonoMs: number;
  readonly ok: boolean;
  readonly status?: number;
  readonly error?: string;
  readonly latencyMs: number;
  /** How much later than due the request was sent. */
  readonly lateMs: number;
}
/** Sequence numbers that never arrived. */
export interface ProbeGap {
  readonly kind: 'probe.gap';
  readonly target: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly fromMonoMs: number;
  readonly toMonoMs: number;
  readonly reason: string;
}
/** The probe's clock against the harness's: mapped by an offset with an error. */
export interface ProbeClock {
  readonly kind: 'probe.clock';
  readonly target: string;
  readonly sameBoot: boolean;
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** A change of an API object, stamped on arrival. `facts` holds only what checks and reports use. */
export interface WatchEvent {
  readonly kind: 'watch';
  readonly change: 'added' | 'modified' | 'deleted' | 'gap';
  readonly object: 'Node' | 'Pod' | 'Deployment' | 'EndpointSlice' | 'Lease' | 'Event';
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  readonly facts: Readonly<Record<string, unknown>>;
}
/** Replicas of the workload that count for capacity, whenever the number changes. */
export interface Capacity {
  readonly kind: 'capacity';
  readonly selector: string;
  readonly ready: number;
  readonly wanted: number;
}

/** What one PromQL range query returned, or why it is no answer. */
export interface PromSeries {
  readonly kind: 'promql.series';
  readonly sloId: string;
  readonly query: string;
  readonly startWallMs: number;
  readonly endWallMs: number;
  readonly stepMs: number;
  readonly scrapeIntervalMs: number;
  /** The longest range in the query, in milliseconds, read from the parsed expression. */
  readonly windowMs: number;
  readonly points: readonly (readonly [wallMs: number, value: number | null])[];
  readonly problem?: PromProblem;
}
export type PromProblem = {
  readonly name:
    | 'no-data'
    | 'absent-series'
    | 'stale'
    | 'nan'
    | 'scrape-gap'
    | 'counter-reset'
    | 'several-series'
    | 'target-down'
    | 'prometheus-restarted'
    | 'prometheus-unreachable'
    | 'query-error';
  readonly message: string;
  /** The part of the range that it spoils; absent: all of it. */
  readonly fromWallMs?: number;
  readonly toWallMs?: number;
};

export interface AlertEvent {
  readonly kind: 'alert';
  readonly source: 'prometheus' | 'receiver';
  readonly name: string;
  readonly state: 'pending' | 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAtWallMs?: number;
}

/** A line of the healer's audit file, as it was read. */
export interface HealerEvent {
  readonly kind: 'healer';
  readonly event:
    | 'suspected'
    | 'detected'
    | 'decided'
    | 'acted'
    | 'refused'
    | 'recovered'
    | 'leader'
    | 'suspended'
    | 'resumed';
  readonly subject: string;
  readonly detail: string;
  readonly healerWallMs: number;
  readonly healerMonoMs: number;
  /** The boot that `healerMonoMs` counts from. */
  readonly bootId?: string;
  readonly pod: string;
  /** Observe mode: what would have been done, and was not. */
  readonly wouldDo?: boolean;
}

/** A line of the API server's audit log that matters: writes to nodes, pods, evictions, leases left out. */
export interface ApiAudit {
  readonly kind: 'api.audit';
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
  readonly code: number;
  readonly stageWallMs: number;
  /** When the server got the request. */
  readonly receivedWallMs?: number;
}
/** A call at the machine interface. */
export interface MachineAudit {
  readonly kind: 'machine';
  readonly call: 'states' | 'powerOff' | 'replace';
  readonly node: string;
  readonly caller: string;
  readonly result: string;
  /** When it was answered, by the server's clock. */
  readonly callWallMs?: number;
}

/** A claim that the scenario makes; matchers journal it and wait until `judge` has decided it. */
export interface SloClaim {
  readonly kind: 'slo.claim';
  readonly claimId: string;
  readonly claim:
    | 'recover-within'
    | 'capacity-within'
    | 'hold-while'
    | 'fire-within'
    | 'resolve-within'
    | 'stay-silent'
    | 'fenced-first'
    | 'assertion';
  readonly sloId: string;
  readonly query: string;
  readonly bound?: Bound;
  readonly stableForMs: number;
  readonly withinMs?: number;
  /** The fault that the claim counts from; absent: from the moment of the claim. */
  readonly injectionId?: string;
  /** Absent: probe and PromQL, which have to agree. */
  readonly judgedBy?: Judges;
  /**
   * For `fire-within`, `resolve-within` and `stay-silent`: what is watched. An alert by name and labels, or the
   * actions of the healer. Absent: the alert named by `sloId`.
   */
  readonly subject?:
    | { readonly alert: string; readonly labels?: Readonly<Record<string, string>> }
    | { readonly healer: 'actions' };
}
/** A plain `expect` of the scenario that failed: a violated finding. */
export interface AssertionFailed {
  readonly kind: 'assertion.failed';
  readonly message: string;
}

/** Harness timers that came late: a harness without CPU cannot measure. */
export interface HarnessLag {
  readonly kind: 'harness.lag';
  readonly lateMs: number;
}
export interface ClockStep {
  readonly kind: 'clock.step';
  readonly steppedMs: number;
}
export interface Residue {
  readonly kind: 'residue';
  readonly ok: boolean;
  readonly items: readonly string[];
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
  /** The time of a gap. */
  readonly fromMonoMs?: number;
  readonly toMonoMs?: number;
}
export interface Note {
  readonly kind: 'note';
  readonly text: string;
}
export interface TrialEnded {
  readonly kind: 'trial.ended';
  /** How the scenario's function ended; `interrupted` is written by whoever finds the journal open. */
  readonly how: 'finished' | 'failed' | 'error' | 'interrupted' | 'deadline';
  readonly error?: string;
}

export type EntryBody =
  | TrialStarted
  | Phase
  | Gate
  | FaultRequested
  | FaultResolved
  | FaultIntent
  | FaultApplied
  | FaultEffective
  | FaultIneffective
  | FaultReverted
  | ProbeSample
  | ProbeGap
  | ProbeClock
  | WatchEvent
  | Capacity
  | PromSeries
  | AlertEvent
  | HealerEvent
  | ApiAudit
  | MachineAudit
  | SloClaim
  | AssertionFailed
  | HarnessLag
  | ClockStep
  | Residue
  | ObserverState
  | Note
  | TrialEnded;

export type Entry = EntryBody & EntryStamp;
export type EntryKind = EntryBody['kind'];
export type EntryOf<K extends EntryKind> = Extract<EntryBody, { kind: K }> & EntryStamp;

/** Where entries are written; `fsync` for those that must survive the death of the machine. */
export interface Journal {
  append(body: EntryBody, options?: { fsync?: boolean }): Entry;
  /** All entries so far, in order. */
  readonly entries: readonly Entry[];
}

export function entriesOf<K extends EntryKind>(entries: readonly Entry[], kind: K): EntryOf<K>[] {
  return entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
}
