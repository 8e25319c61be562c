import { readFile } from 'node:fs/promises';
import { FiredrillError } from '../harness/core/errors.ts';
import type { Entry } from '../harness/core/journal.ts';

/** The entries of a journal, and whether its last line was cut off by the death of its writer. */
export interface JournalReading {
  readonly entries: readonly Entry[];
  readonly torn: boolean;
}

/**
 * Reads the text of a journal. A last line that is cut short is the trace of a `kill -9` and is left
 * out; any other line that is not an entry throws `journal.bad-line` with file and line.
 */
export function parseJournal(text: string, file: string): JournalReading {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    const isLast = index === lines.length - 1;
    // Without its newline even a line that parses may have lost digits of its last number.
    if (isLast && !text.endsWith('\n')) return { entries, torn: true };
    try {
      entries.push(parseLine(line, file, index + 1));
    } catch (error) {
      if (isLast) return { entries, torn: true };
      throw error;
    }
  }
  return { entries, torn: false };
}

/** Reads a journal file; see `parseJournal`. */
export async function readJournal(file: string): Promise<JournalReading> {
  return parseJournal(await readFile(file, 'utf8'), file);
}

function parseLine(line: string, file: string, number: number): Entry {
  const hint = 'a journal is written by appending only: was the file edited, or two journals joined?';
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (cause) {
    throw new FiredrillError('journal.bad-line', `${file}:${number}: not a JSON object`, { hint, cause });
  }
  const fault = whatIsMissing(parsed);
  if (fault !== undefined)
    throw new FiredrillError('journal.bad-line', `${file}:${number}: ${fault}`, { hint });
  return parsed as Entry;
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
