import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { EventBody } from '../runtime/event-queue.ts';
import type { Subject } from './remediation.ts';

/** Where remediations are told besides the audit. */
export interface Reporter {
  event(event: EventBody): void;
  /** A message for people; `resolved` closes the incident. */
  notify(incident: string, severity: 'warning' | 'critical' | 'resolved', text: string): void;
  measure: {
    refusal(reason: string): void;
    decision(rule: string): void;
    action(action: string, ok: boolean): void;
    stage(stage: 'detect' | 'act' | 'recover', durationMs: number, wallMs: number): void;
  };
}

/** What a path sees of a subject and has decided about it, in the words that all paths share. */
export interface PathReport {
  readonly subject: Subject;
  /** The attempt of the remediation that is recorded on the subject; undefined: none is under way. */
  readonly attempt: string | undefined;
  /** Under which name people hear of it; absent: its attempt. What was lost together is one incident. */
  readonly incident?: string | undefined;
  /** `calm`: nothing is wrong as far as is known. */
  readonly standing: 'healthy' | 'calm' | 'suspected' | 'detected';
  /** What it was found to be, and why. */
  readonly health: string;
  readonly because: string;
  readonly observation: Readonly<Record<string, unknown>>;
  readonly rule: string;
  readonly reason: string;
  readonly guards: NonNullable<AuditRecord['guards']>;
  /** Absent where a step was decided. People hear of each reason once; where it waits for its turn, once that lasts. */
  readonly refusal?: { readonly reasons: readonly string[]; readonly waits?: boolean } | undefined;
  readonly step: string;
  /** What the step takes away and nobody makes again, as `namespace/name`. */
  readonly lost: readonly string[];
  /** The decision has to be on the disk before the step is carried out. */
  readonly durable: boolean;
  /** What the step is for the remediation as a whole. */
  readonly effect: 'begins' | 'goes-on' | 'retires' | 'recovers' | 'withdraws';
}

/** What one step did. */
export interface StepResult {
  /** CamelCase, as Events want it. */
  readonly action: string;
  /** In words, without the phase and the objects. */
  readonly result: string;
  readonly attempt: string;
  /** The phase that it led to. */
  readonly phase?: string;
  /** What it touched, as `namespace/name`. */
  readonly objects?: readonly string[];
}
