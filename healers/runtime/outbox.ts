import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pause, type Clock } from '../../harness/core/clock.ts';
import { redact } from './redaction.ts';

export type Severity = 'warning' | 'critical' | 'resolved';

/** One thing that people should hear of. Notes of one incident that wait together go out as one message. */
export interface Note {
  readonly incident: string;
  readonly severity: Severity;
  readonly text: string;
  readonly wallMs: number;
}

/** Delivers one message; says after how long to try again when it could not. */
export type Deliver = (notes: readonly Note[], signal: AbortSignal) => Promise<Delivery>;
export type Delivery =
  | { readonly delivered: true }
  /** `never`: the receiver refuses this very message, and always will. */
  | { readonly delivered: false; readonly why: string; readonly retryAfterMs: number | 'never' | undefined };

/** At least this long between two messages; the first time to wait after a failure. */
const EVERY_MS = 1000;
const RETRY_MOST_MS = 60_000;

interface OutboxOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly deliver: Deliver;
  /** Notes kept while the receiver is away; the oldest go first. */
  readonly limit?: number;
  readonly onLost?: (note: Note, why: string) => void;
}

/**
 * Messages for people, queued on disk and sent beside the work: whoever posts never waits for the receiver. What was
 * queued before a restart is sent after it.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting: { readonly file: string; readonly note: Note }[] = [];
  #number: number;
  #wake: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    for (const name of readdirSync(options.directory).sort()) {
      const file = join(options.directory, name);
      const note = name.endsWith('.json') ? readNote(file) : undefined;
      // Half a file is what a crash left of a note: there is nothing to send.
      if (note === undefined) rmSync(file, { force: true });
      else this.#waiting.push({ file, note });
    }
    this.#number = Number(this.#waiting.at(-1)?.file.match(/(\d+)\.json$/)?.[1] ?? 0) + 1;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  /** Queues a note; returns at once. */
  post(incident: string, severity: Severity, text: string): void {
    const note: Note = { incident, severity, text: redact(text), wallMs: this.#options.clock.now().wallMs };
    const file = join(this.#options.directory, `${String(this.#number++).padStart(12, '0')}.json`);
    try {
      writeFileSync(`${file}.part`, JSON.stringify(note), { mode: 0o600 });
      renameSync(`${file}.part`, file);
    } catch {
      // That the disk is full may be what the note says: it is sent from memory, and only a restart before that loses it.
      rmSync(`${file}.part`, { force: true });
    }
    this.#waiting.push({ file, note });
    while (this.#waiting.length > (this.#options.limit ?? 1000)) this.#drop('the queue is full');
    this.#wake?.();
  }

  /** Sends until the signal aborts; what is left stays on disk. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const first = this.#waiting[0];
      if (first === undefined) {
        await this.#somethingToDo(signal);
        continue;
      }
      const group = this.#waiting.filter(({ note }) => note.incident === first.note.incident);
      const delivery = await this.#try(
        group.map(({ note }) => note),
        signal,
      );
      let waitMs = EVERY_MS;
      if (delivery.delivered) {
        failures = 0;
        this.#remove(group);
      } else if (delivery.retryAfterMs === 'never') {
        failures = 0;
        this.#remove(group);
        for (const { note } of group) this.#options.onLost?.(note, delivery.why);
      } else {
        const backOffMs = Math.min(RETRY_MOST_MS, EVERY_MS * 2 ** failures++);
        waitMs = Math.max(EVERY_MS, delivery.retryAfterMs ?? backOffMs);
      }
      await pause(this.#options.clock, waitMs, signal);
    }
  }

  async #try(notes: readonly Note[], signal: AbortSignal): Promise<Delivery> {
    try {
      return await this.#options.deliver(notes, signal);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { delivered: false, why, retryAfterMs: undefined };
    }
  }

  async #somethingToDo(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  #remove(group: readonly { readonly file: string }[]): void {
    for (const { file } of group) {
      const index = this.#waiting.findIndex((each) => each.file === file);
      if (index >= 0) this.#waiting.splice(index, 1);
      rmSync(file, { force: true });
    }
  }

  #drop(why: string): void {
    const oldest = this.#waiting.shift();
    if (oldest === undefined) return;
    rmSync(oldest.file, { force: true });
    this.#options.onLost?.(oldest.note, why);
  }
}

function readNote(file: string): Note | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isNote(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    typeof record['incident'] === 'string' &&
    typeof record['text'] === 'string' &&
    typeof record['severity'] === 'string'
  );
}
