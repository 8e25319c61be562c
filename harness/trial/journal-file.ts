import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import type { Entry, EntryBody } from '../core/journal.ts';

/** What was read back from a journal. */
export interface JournalContent {
  readonly entries: readonly Entry[];
  /** True where the writer died in the middle of its last line; that line is left out. */
  readonly torn: boolean;
  /** Bytes up to the end of the last whole line. */
  readonly wholeBytes: number;
}

/**
 * Reads a journal. A torn last line is normal after a crash and left out.
 *
 * @throws FiredrillError `journal.not-found`, or `journal.damaged` with the line where the file is broken before its end.
 */
export function readJournal(path: string): JournalContent {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new FiredrillError('journal.not-found', `cannot read the journal ${path}: ${messageOf(cause)}`, {
      cause,
      userError: true,
    });
  }
  const entries: Entry[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline === -1) return { entries, torn: true, wholeBytes: start };
    const entry = parseEntry(bytes.toString('utf8', start, newline));
    if (entry === undefined) {
      if (newline === bytes.length - 1) return { entries, torn: true, wholeBytes: start };
      throw new FiredrillError('journal.damaged', `${path}:${line} is no journal entry`, {
        hint: 'the file was changed after it was written; take the one from the artefacts of the run',
        userError: true,
      });
    }
    entries.push(entry);
    start = newline + 1;
  }
  return { entries, torn: false, wholeBytes: start };
}

function parseEntry(line: string): Entry | undefined {
  try {
    const value = JSON.parse(line) as Partial<Entry> | null;
    const whole =
      typeof value === 'object' && typeof value?.kind === 'string' && typeof value.seq === 'number';
    return whole ? (value as Entry) : undefined;
  } catch {
    // What is no JSON is no entry; the caller says where it stands.
    return undefined;
  }
}

/** A journal that is being written: append-only, one line per entry, and the same entries in memory. */
export class Journal {
  readonly path: string;
  readonly #clock: Clock;
  readonly #fd: number;
  readonly #written: Entry[];
  readonly #listeners = new Set<(entry: Entry) => void>();
  #closed = false;

  private constructor(path: string, clock: Clock, fd: number, entries: readonly Entry[]) {
    this.path = path;
    this.#clock = clock;
    this.#fd = fd;
    this.#written = [...entries];
  }

  /** Starts a new journal; fails where the file exists. */
  static create(path: string, clock: Clock): Journal {
    mkdirSync(dirname(path), { recursive: true });
    return new Journal(path, clock, openSync(path, 'ax', 0o644), []);
  }

  /** Continues a journal whose writer is gone, after cutting a torn last line off. */
  static reopen(path: string, clock: Clock): Journal {
    const content = readJournal(path);
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, content.wholeBytes);
    closeSync(fd);
    return new Journal(path, clock, openSync(path, 'a'), content.entries);
  }

  get entries(): readonly Entry[] {
    return this.#written;
  }

  /**
   * Writes one entry. With `sync` it is on the disk before this returns: for intents, which must outlive a crash
   * that their effect outlives. Entries after `close` are dropped: an observer may still be on its way out.
   */
  append(body: EntryBody, options: { readonly sync?: boolean } = {}): Entry {
    const entry: Entry = { seq: this.#written.length, ...this.#clock.now(), ...body };
    if (this.#closed) return entry;
    writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
    if (options.sync === true) fsyncSync(this.#fd);
    this.#written.push(entry);
    for (const listener of this.#listeners) listener(entry);
    return entry;
  }

  /** Calls `listener` for each entry written from now on; returns the way to stop that. */
  onEntry(listener: (entry: Entry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Flushes to the disk and ends; safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}
