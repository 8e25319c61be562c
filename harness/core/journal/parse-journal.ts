import { FiredrillError } from '../errors.ts';
import { given } from '../given.ts';
import { isRecord } from '../is-record.ts';
import { unchainLine, type UnchainedLine } from './chain.ts';
import { missingInEntry } from './entry-shapes.ts';
import type { Entry } from './journal.ts';

/** A line, counted from 1, at which a journal cannot be what one trial has written. */
export interface JournalDamage {
  readonly line: number;
  readonly reason: string;
}

/** What the file of a journal says for itself, besides its entries. */
export interface JournalProof {
  /** The digest in the last line; absent where no line carries one: in journals of schema 1. */
  readonly digest?: string;
  /** The first line whose digest does not follow from the lines before it. */
  readonly brokenAt?: number;
  /** The first line that is no entry at all. */
  readonly unreadable?: JournalDamage;
}

/** What was read back from a journal. */
export interface JournalContent {
  readonly entries: readonly Entry[];
  readonly proof: JournalProof;
  /** True where the writer died in the middle of its last line; that line is left out. */
  readonly torn: boolean;
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
}

/** No date is later. */
const LATEST_MS = 8.64e15;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

interface HeldLine extends JournalDamage {
  readonly isBlank: boolean;
  readonly chained: UnchainedLine | undefined;
}

/**
 * Reads a journal in pieces of any length, so that the file is never in memory as a whole. A last line that is cut short
 * is the trace of a `kill -9` and is left out; without its newline even one that parses may have lost digits of its last
 * number. A byte order mark and empty lines at the end are no damage.
 */
export class JournalParser {
  readonly #file: string;
  readonly #entries: Entry[] = [];
  /** One copy of each, for all entries: each line brings its own. */
  readonly #kinds = new Map<string, string>();
  #digest: string | undefined;
  #brokenAt: number | undefined;
  #unreadable: JournalDamage | undefined;
  /** A line that is no entry: the trace of a crash where it is the last one, damage where another follows. */
  #held: HeldLine | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #line = 0;
  #bytes = 0;
  #wholeBytes = 0;

  /** @param file how messages name the journal */
  constructor(file: string) {
    this.#file = file;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline === -1) break;
      const piece = chunk.subarray(start, newline);
      const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
      this.#rest = Buffer.alloc(0);
      start = newline + 1;
      this.#bytes += bytes.length + 1;
      this.#take(bytes.toString());
    }
    if (start < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
  }

  /** @throws FiredrillError `journal.damaged` where not one of several lines is an entry. */
  end(): JournalContent {
    const unended = this.#rest.toString().trim() !== '';
    const torn = unended || this.#held?.isBlank === false;
    if (torn && this.#entries.at(-1)?.kind === 'trial.ended')
      this.#unreadable ??= {
        line: this.#line + (unended ? 1 : 0),
        reason: 'it follows the end of the trial',
      };
    if (this.#entries.length === 0 && this.#unreadable !== undefined)
      throw new FiredrillError(
        'journal.damaged',
        `${this.#file}:${this.#unreadable.line}: ${this.#unreadable.reason}`,
        { hint: 'take the journal.jsonl of a trial, from the artefacts of the run' },
      );
    return {
      entries: this.#entries,
      proof: given({ digest: this.#digest, brokenAt: this.#brokenAt, unreadable: this.#unreadable }),
      torn,
      wholeBytes: this.#wholeBytes,
    };
  }

  #take(whole: string): void {
    const line = ++this.#line;
    const text = line === 1 && whole.startsWith(BYTE_ORDER_MARK) ? whole.slice(1) : whole;
    if (text.trim() === '') {
      this.#held ??= { line, reason: 'an empty line', isBlank: true, chained: undefined };
      return;
    }
    if (this.#held !== undefined) {
      const { reason, chained } = this.#held;
      this.#unreadable ??= { line: this.#held.line, reason };
      this.#follow(this.#held.line, chained);
      this.#held = undefined;
    }
    const chained = unchainLine(this.#digest ?? '', text);
    const entry = parseEntry(chained?.json ?? text);
    if (typeof entry === 'string') {
      this.#held = { line, reason: entry, isBlank: false, chained };
      return;
    }
    this.#follow(line, chained);
    this.#entries.push(this.#withKnownKind(entry));
    this.#wholeBytes = this.#bytes;
  }

  #withKnownKind(entry: Entry): Entry {
    const known = this.#kinds.get(entry.kind);
    if (known === undefined) this.#kinds.set(entry.kind, entry.kind);
    else (entry as { kind: string }).kind = known;
    return entry;
  }

  /** Goes on from what the line says of itself, so that only the line that was changed is told. */
  #follow(line: number, chained: UnchainedLine | undefined): void {
    const inChain = this.#digest !== undefined || line === 1;
    const follows = chained === undefined ? this.#digest === undefined : inChain && chained.follows;
    if (!follows) this.#brokenAt ??= line;
    this.#digest = chained?.digest;
  }
}

/** The entry, or why the line is none. */
function parseEntry(line: string): Entry | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    // The caller says where it stands.
    return 'not a JSON object';
  }
  return whatIsMissing(parsed) ?? (parsed as Entry);
}

function whatIsMissing(parsed: unknown): string | undefined {
  if (!isRecord(parsed)) return 'not a JSON object';
  if (typeof parsed['kind'] !== 'string') return 'an entry without "kind"';
  const stamp = ['seq', 'monoMs', 'wallMs'].find((field) => !isInstant(parsed[field]));
  const missing = stamp === undefined ? missingInEntry(parsed['kind'], parsed) : `a number in "${stamp}"`;
  return missing && `entry "${parsed['kind']}" without ${missing}`;
}

function isInstant(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST_MS;
}
