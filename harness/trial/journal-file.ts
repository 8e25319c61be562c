import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { isOutOfSpace } from '../core/file-errors.ts';
import type { Clock } from '../core/clock.ts';
import { FiredrillError } from '../core/errors.ts';
import type { Entry, EntryBody } from '../core/journal/journal.ts';
import { chainLine } from '../core/journal/chain.ts';
import { JournalParser, type JournalContent } from '../core/journal/parse-journal.ts';

const READ_BYTES = 256 * 1024;

/**
 * Reads a journal. A torn last line is normal after a crash and left out; what contradicts itself is for the judge.
 *
 * @throws FiredrillError `journal.not-found`, or `journal.damaged` where the file is no journal.
 */
export function readJournal(path: string): JournalContent {
  const parser = new JournalParser(path);
  try {
    const fd = openSync(path, 'r');
    try {
      const chunk = Buffer.allocUnsafe(READ_BYTES);
      for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk))
        parser.push(chunk.subarray(0, length));
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw journalNotFound(path, cause);
  }
  return parser.end();
}

/** The error `journal.not-found`, for whoever named a journal; `cause` says why there is none. */
export function journalNotFound(path: string, cause: unknown): FiredrillError {
  return new FiredrillError('journal.not-found', `cannot read the journal ${path}`, {
    cause,
    hint: 'journals are reports/out/RUN/trials/TRIAL/journal.jsonl; of the last run RUN is latest',
  });
}

/** Room that is kept from the start, so that a trial which meets a full disk can still be ended and judged. */
const RESERVE_BYTES = 128 * 1024;
/** What is written into the reserve: whether anything is left, and how it ended. */
const ESSENTIAL: ReadonlySet<Entry['kind']> = new Set(['fault.reverted', 'residue', 'trial.ended']);

/**
 * A journal that is being written: append-only, one line per entry, each with a digest over all lines so far, and the
 * same entries in memory.
 */
export class Journal {
  readonly path: string;
  readonly #clock: Clock;
  readonly #fd: number;
  readonly #written: Entry[];
  readonly #listeners = new Set<(entry: Entry) => void>();
  readonly #failed = new AbortController();
  /** The digest of the last line; undefined in a journal whose lines carry none. */
  #digest: string | undefined;
  #wholeBytes: number;
  #closed = false;

  private constructor(path: string, clock: Clock, fd: number, content: JournalContent) {
    this.path = path;
    this.#clock = clock;
    this.#fd = fd;
    this.#written = [...content.entries];
    this.#digest = content.entries.length === 0 ? '' : content.proof.digest;
    this.#wholeBytes = content.wholeBytes;
  }

  /**
   * Starts a new journal; fails where the file exists.
   *
   * @throws FiredrillError `journal.unwritable` where the disk has no room even for a start
   */
  static create(path: string, clock: Clock): Journal {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, 'ax', 0o644);
    try {
      writeFileSync(reserveOf(path), Buffer.alloc(RESERVE_BYTES));
    } catch (cause) {
      closeSync(fd);
      for (const file of [path, reserveOf(path)]) rmSync(file, { force: true });
      throw unwritable(path, cause);
    }
    return new Journal(path, clock, fd, { entries: [], proof: {}, torn: false, wholeBytes: 0 });
  }

  /** Continues a journal whose writer is gone, after cutting a torn last line off. */
  static reopen(path: string, clock: Clock): Journal {
    const content = readJournal(path);
    rmSync(reserveOf(path), { force: true });
    const fd = openSync(path, 'r+');
    ftruncateSync(fd, content.wholeBytes);
    closeSync(fd);
    return new Journal(path, clock, openSync(path, 'a'), content);
  }

  /** Aborts when something could not be written: what happens from then on is not recorded, and proves nothing. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  get entries(): readonly Entry[] {
    return this.#written;
  }

  /**
   * Writes one entry. With `sync` it is on the disk before this returns: for intents, which must outlive a crash
   * that their effect outlives. Entries after `close` are dropped: an observer may still be on its way out.
   *
   * A disk that takes no more ends the recording: `failed` aborts, and only what tells how the trial ended is
   * written from then on. Observers hear nothing of it, since they have nobody to throw at.
   *
   * @throws FiredrillError `journal.unwritable` with `sync`, since nothing may be done whose intent is not recorded
   */
  append(body: EntryBody, options: { readonly sync?: boolean } = {}): Entry {
    const seq = (this.#written.at(-1)?.seq ?? -1) + 1;
    const entry: Entry = { seq, ...this.#clock.now(), ...body };
    if (this.#closed) return entry;
    const essential = ESSENTIAL.has(entry.kind);
    if (!this.failed.aborted || essential) {
      try {
        this.#write(entry, options.sync === true);
        return entry;
      } catch (cause) {
        this.#fail(cause);
        // The reserve is free now, and is for this.
        if (essential) this.#writeIfPossible(entry);
      }
    }
    if (options.sync === true && !essential) throw this.failed.reason;
    return entry;
  }

  #write(entry: Entry, sync: boolean): void {
    const json = JSON.stringify(entry);
    const { line, digest } =
      this.#digest === undefined ? { line: json, digest: undefined } : chainLine(this.#digest, json);
    const bytes = Buffer.from(`${line}\n`);
    try {
      // The last block of a disk takes the first part of a line.
      for (let done = 0; done < bytes.length;) done += writeSync(this.#fd, bytes, done);
      if (sync) fsyncSync(this.#fd);
    } catch (error) {
      ftruncateSync(this.#fd, this.#wholeBytes);
      throw error;
    }
    this.#wholeBytes += bytes.length;
    this.#digest = digest;
    this.#written.push(entry);
    for (const listener of this.#listeners) listener(entry);
  }

  #writeIfPossible(entry: Entry): void {
    try {
      this.#write(entry, true);
    } catch {
      // The entry that failed first has told it already; a journal without an end is judged inconclusive, too.
    }
  }

  #fail(cause: unknown): void {
    if (this.failed.aborted) return;
    rmSync(reserveOf(this.path), { force: true });
    this.#failed.abort(unwritable(this.path, cause));
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
    rmSync(reserveOf(this.path), { force: true });
    fsyncSync(this.#fd);
    closeSync(this.#fd);
  }
}

function reserveOf(path: string): string {
  return `${path}.reserve`;
}

function unwritable(path: string, cause: unknown): FiredrillError {
  const full = isOutOfSpace(cause);
  return new FiredrillError(
    'journal.unwritable',
    `${full ? 'the disk is full' : 'writing failed'}: ${path} takes no more entries, so the trial proves nothing`,
    {
      hint: full ? `free some space on the disk of ${dirname(path)}, and run the trial again` : undefined,
      cause,
      userError: full,
    },
  );
}
