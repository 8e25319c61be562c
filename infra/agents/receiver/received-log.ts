import type { LineSource } from '../http/ndjson.ts';
import type { ReceivedLine } from './protocol.ts';

/** Far more than the alerts of a day of trials. */
const CAPACITY = 10_000;

/** What arrived, by sequence number; the oldest make room for the newest. */
export class ReceivedLog implements LineSource {
  readonly #lines: ReceivedLine[] = [];
  #nextSeq = 0;

  get nextSeq(): number {
    return this.#nextSeq;
  }

  get oldestSeq(): number {
    return this.#nextSeq - this.#lines.length;
  }

  add(line: Omit<ReceivedLine, 'type' | 'seq'>): void {
    this.#lines.push({ type: 'received', seq: this.#nextSeq++, ...line });
    if (this.#lines.length > CAPACITY) this.#lines.shift();
  }

  from(seq: number): readonly ReceivedLine[] {
    return this.#lines.slice(Math.max(0, seq - this.oldestSeq));
  }

  /** A cursor before the oldest line goes on with the oldest: its sequence number shows what is missing. */
  lineAt(cursor: number): { readonly line: ReceivedLine; readonly next: number } | undefined {
    const seq = Math.max(cursor, this.oldestSeq);
    const line = this.#lines[seq - this.oldestSeq];
    return line === undefined ? undefined : { line, next: seq + 1 };
  }
}
