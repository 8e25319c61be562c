import { createHash } from 'node:crypto';

/** What a healer notes: of a subject that it treats, or of itself. */
type AuditEvent =
  | 'suspected'
  | 'detected'
  | 'decided'
  | 'acted'
  | 'refused'
  | 'recovered'
  | 'leader'
  | 'suspended'
  | 'resumed';

/** One line before it is chained. */
export interface AuditRecord {
  readonly event: AuditEvent;
  /** `node/NAME`, or the healer itself. */
  readonly subject: string;
  readonly detail: string;
  readonly rule?: string;
  /** True in observe mode: what would have been done. */
  readonly wouldDo?: boolean;
  readonly attempt?: string;
  readonly action?: string;
  readonly result?: string;
  /** The phase of the treatment that the action led to. */
  readonly phase?: string;
  /** What the action touched, as `namespace/name`. */
  readonly objects?: readonly string[];
  readonly requestId?: string;
  readonly observation?: Readonly<Record<string, unknown>>;
  readonly guards?: readonly { readonly guard: string; readonly ok: boolean; readonly detail: string }[];
}

/** One line of the file: the record, its place, both clocks, and the hash that binds it to all lines before. */
export interface AuditLine extends AuditRecord {
  readonly seq: number;
  readonly wallMs: number;
  /** CLOCK_MONOTONIC of the machine; comparable within one boot id. */
  readonly monoMs: number;
  readonly bootId: string;
  readonly pod: string;
  readonly prev: string;
  readonly hash: string;
}

export const FIRST_PREV = '0'.repeat(64);

/** Seals a line: the hash covers the text of all other fields in the order in which they are written. */
export function seal(line: Omit<AuditLine, 'hash'>): { readonly line: AuditLine; readonly text: string } {
  const body = JSON.stringify(line);
  const hash = createHash('sha256').update(body).digest('hex');
  return { line: { ...line, hash }, text: `${body.slice(0, -1)},"hash":"${hash}"}` };
}

type ChainFinding =
  | { readonly ok: true; readonly lines: number; readonly lastHash: string }
  | { readonly ok: false; readonly lineNumber: number; readonly problem: string };

const HASH_TAIL = /,"hash":"([0-9a-f]{64})"\}$/;

interface ChainExpectation {
  /** Where the chain begins; absent: at its very first line. */
  readonly start?: { readonly prev: string; readonly seq: number };
  /** The hash of the last line, kept elsewhere: without it, lines cut off at the end leave no trace. */
  readonly lastHash?: string;
}

/** Walks the lines of a file, or of several in their order, and finds the first that was changed, removed or inserted. */
export function verifyChain(texts: Iterable<string>, expected: ChainExpectation = {}): ChainFinding {
  let prev = expected.start?.prev ?? FIRST_PREV;
  let seq = expected.start?.seq ?? 0;
  let lineNumber = 0;
  for (const text of texts) {
    lineNumber++;
    const problem = problemOf(text, prev, seq);
    if (problem !== undefined) return { ok: false, lineNumber, problem };
    prev = HASH_TAIL.exec(text)?.[1] ?? '';
    seq++;
  }
  if (expected.lastHash !== undefined && expected.lastHash !== prev) {
    return {
      ok: false,
      lineNumber: lineNumber + 1,
      problem: `the file ends early: its last hash is ${prev}`,
    };
  }
  return { ok: true, lines: lineNumber, lastHash: prev };
}

/** Where a file that continues another one says that it begins. */
export function startOf(text: string): { readonly prev: string; readonly seq: number } | undefined {
  try {
    const { prev, seq } = JSON.parse(text) as { readonly prev?: unknown; readonly seq?: unknown };
    return typeof prev === 'string' && typeof seq === 'number' ? { prev, seq } : undefined;
  } catch {
    return undefined;
  }
}

function problemOf(text: string, prev: string, seq: number): string | undefined {
  const hash = HASH_TAIL.exec(text)?.[1];
  if (hash === undefined) return 'no hash at its end';
  const body = text.replace(HASH_TAIL, '}');
  if (createHash('sha256').update(body).digest('hex') !== hash)
    return 'changed: its text does not match its hash';
  const line = startOf(body);
  if (line?.prev !== prev) return 'a line before it was removed, inserted or replaced';
  if (line.seq !== seq) return `out of order: number ${line.seq}, expected ${seq}`;
  return undefined;
}
