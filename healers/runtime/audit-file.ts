import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../harness/core/clock.ts';
import { isMissing } from '../../harness/core/file-errors.ts';
import { given } from '../../harness/core/given.ts';
import { FIRST_PREV, seal, startOf, verifyChain, type AuditLine, type AuditRecord } from './audit-chain.ts';

/** Where healers record what they saw, decided and did. */
export interface Audit {
  record(record: AuditRecord, options?: { readonly durable?: boolean }): void;
}

/** Lines that readers over HTTP can go back to without the file. */
const KEPT_LINES = 10_000;

interface AuditFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly pod: string;
  readonly bootId: string;
  /** A fuller file is put aside as `PATH.1`; the one before it goes. Default 64 MiB. */
  readonly maxBytes?: number;
}

/**
 * The append-only audit file of one healer process. It goes on where an earlier process of the same pod stopped;
 * a half-written last line is cut off, any other damage moves the chain's start to a new file.
 */
export class AuditFile implements Audit {
  readonly #options: AuditFileOptions;
  #descriptor: number;
  #bytes: number;
  readonly #recent: AuditLine[] = [];
  readonly #listeners = new Set<(line: AuditLine) => void>();
  #prev: string;
  #seq: number;

  constructor(options: AuditFileOptions) {
    this.#options = options;
    mkdirSync(dirname(options.path), { recursive: true });
    const lines = soundLines(options.path);
    this.#prev = lines.at(-1)?.hash ?? FIRST_PREV;
    this.#seq = (lines.at(-1)?.seq ?? -1) + 1;
    this.#recent.push(...lines.slice(-KEPT_LINES));
    this.#descriptor = openSync(options.path, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /**
   * Appends one line, or none of it. `durable` waits for the disk: for what must survive the machine.
   * @throws what the file system says, as when the disk is full
   */
  record(record: AuditRecord, options: { readonly durable?: boolean } = {}): AuditLine {
    const { wallMs, monoMs } = this.#options.clock.now();
    const { line, text } = seal({
      seq: this.#seq,
      wallMs,
      monoMs,
      bootId: this.#options.bootId,
      pod: this.#options.pod,
      ...record,
      prev: this.#prev,
    });
    try {
      writeFileSync(this.#descriptor, `${text}\n`);
      if (options.durable === true) fsyncSync(this.#descriptor);
    } catch (error) {
      // The next line follows the one before: a piece of this one would break the chain.
      ftruncateSync(this.#descriptor, this.#bytes);
      throw error;
    }
    this.#bytes += Buffer.byteLength(text) + 1;
    this.#prev = line.hash;
    this.#seq++;
    this.#recent.push(line);
    if (this.#recent.length > KEPT_LINES) this.#recent.shift();
    if (this.#bytes > (this.#options.maxBytes ?? 64 * 1024 * 1024)) this.#putAside();
    for (const listener of this.#listeners) listener(line);
    return line;
  }

  /** Lines from number `seq` on, as far back as they are kept. */
  linesFrom(seq: number): readonly AuditLine[] {
    return this.#recent.filter((line) => line.seq >= seq);
  }

  /** Calls back for each later line; the result ends it. */
  follow(listener: (line: AuditLine) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Begins a new file; its first line continues the chain of the one put aside. */
  #putAside(): void {
    const { path } = this.#options;
    const next = openSync(`${path}.next`, 'a', 0o600);
    renameSync(path, `${path}.1`);
    renameSync(`${path}.next`, path);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#bytes = 0;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function soundLines(path: string): readonly AuditLine[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) truncateSync(path, Buffer.byteLength(text.slice(0, end)));
  const texts = text.slice(0, end).split('\n').slice(0, -1);
  const start = startOf(texts[0] ?? '');
  const finding = verifyChain(texts, given({ start }));
  if (!finding.ok) {
    // Evidence of tampering is kept as it is; the new chain says so by beginning at zero beside it.
    renameAside(path);
    return [];
  }
  return texts.map((each) => JSON.parse(each) as AuditLine);
}

function renameAside(path: string): void {
  for (let number = 1; ; number++) {
    try {
      closeSync(openSync(`${path}.damaged-${number}`, 'wx', 0o600));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw error;
    }
    renameSync(path, `${path}.damaged-${number}`);
    return;
  }
}
