/** One incarnation of an object that is treated, as an Event names it. */
export interface Subject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * One treatment of one subject, from its first write to its end, as it stands recorded on the subject itself: each phase
 * before its first call, so that a restart goes on with the same attempt. Times are Unix milliseconds.
 */
export interface Remediation<Phase extends string = string> {
  /** A function of name, UID and number, so that two leaders name the same attempt alike. */
  readonly attempt: string;
  readonly phase: Phase;
  readonly startedAtMs: number;
  readonly phaseAtMs: number;
  readonly rule: string;
}

/** The name of an attempt, which names its remediation everywhere: in the record, the ledger, calls, lines and messages. */
export function attemptName(subject: string, uid: string, number: number): string {
  return `${subject}.${uid.slice(0, 8)}.${number}`;
}
