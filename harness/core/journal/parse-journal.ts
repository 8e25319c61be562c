import { FiredrillError } from '../errors.ts';
import type { Entry } from './journal.ts';

/** What was read back from a journal. */
export interface JournalContent {
  readonly entries: readonly Entry[];
  /** True where the writer died in the middle of its last line; that line is left out. */
  readonly torn: boolean;
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
}

const NEWLINE = 0x0a;

/**
 * Reads the bytes of a journal. A last line that is cut short is the trace of a `kill -9` and is left out; without its
 * newline even one that parses may have lost digits of its last number.
 *
 * @param file how messages name the journal
 * @throws FiredrillError `journal.damaged` with the line where it is broken before its end.
 */
export function parseJournal(bytes: Buffer, file: string): JournalContent {
  const entries: Entry[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, start);
    if (newline === -1) return { entries, torn: true, wholeBytes: start };
    const entry = parseEntry(bytes.toString('utf8', start, newline));
    if (typeof entry === 'string') {
      if (newline === bytes.length - 1) return { entries, torn: true, wholeBytes: start };
      throw new FiredrillError('journal.damaged', `${file}:${line}: ${entry}`, {
        hint: 'a journal is written by appending only: take the one from the artefacts of the run',
        userError: true,
      });
    }
    entries.push(entry);
    start = newline + 1;
  }
  return { entries, torn: false, wholeBytes: start };
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
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'not a JSON object';
  const entry = parsed as Record<string, unknown>;
  if (typeof entry['kind'] !== 'string') return 'an entry without "kind"';
  for (const field of ['seq', 'monoMs', 'wallMs']) {
    if (!Number.isFinite(entry[field])) return `entry "${entry['kind']}" without a number in "${field}"`;
  }
  return undefined;
}
