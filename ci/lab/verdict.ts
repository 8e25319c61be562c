/** What the guest says of one step. */
export interface StepVerdict {
  readonly step: string;
  readonly ok: boolean;
  /** What was seen, or why it failed. */
  readonly detail: string;
  readonly seconds: number;
}

const MARK = 'lab> ';

/** As it is said in the guest, on one line. */
export function lineOf(verdict: StepVerdict): string {
  return `${MARK}${JSON.stringify(verdict)}`;
}

/** Heard outside; undefined for a line of anybody else. */
export function heard(line: string): StepVerdict | undefined {
  return line.startsWith(MARK) ? (JSON.parse(line.slice(MARK.length)) as StepVerdict) : undefined;
}
