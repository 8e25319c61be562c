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
  /** Never used before or again, also where the ledger was lost: an interface that remembers it would answer for the past. */
  readonly attempt: string;
  readonly phase: Phase;
  readonly startedAtMs: number;
  readonly phaseAtMs: number;
  readonly rule: string;
}

/**
 * A new name for an attempt, which names its remediation everywhere: in the record, the ledger, calls, lines and messages.
 *
 * @param random From 0 to 1, for the case that a clock shows the same moment twice
 */
export function attemptName(subject: string, uid: string, wallMs: number, random: number): string {
  const once = Math.floor(random * 36 ** 5).toString(36);
  return `${subject}.${uid.slice(0, 8)}.${Math.floor(wallMs).toString(36)}${once.padStart(5, '0')}`;
}
