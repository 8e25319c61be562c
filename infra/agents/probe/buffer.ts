import type { LineSource } from '../http/ndjson.ts';
import type { ProbeGapLine, ProbeSampleLine } from './protocol.ts';

type Decided = ProbeSampleLine | ProbeGapLine;

/**
 * The last samples of one target by sequence number. Requests are decided in any order; readers see them in ascending
 * order, up to the first one that is still open.
 */
export class SampleBuffer implements LineSource {
  readonly #capacity: number;
  readonly #dueMonoMs: (seq: number) => number;
  readonly #slots: (Decided | undefined)[];
  #nextSeq = 0;

  constructor(capacity: number, dueMonoMs: (seq: number) => number) {
    this.#capacity = capacity;
    this.#dueMonoMs = dueMonoMs;
    this.#slots = new Array<Decided | undefined>(capacity);
  }

  /** The first sequence number that is not decided yet. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  get oldestSeq(): number {
    return Math.max(0, this.#nextSeq - this.#capacity);
  }

  /** Takes a decided sample or a gap; tells whether readers can see more than before. */
  decide(line: Decided): boolean {
    const [from, to] = line.type === 'sample' ? [line.seq, line.seq] : [line.fromSeq, line.toSeq];
    for (let seq = Math.max(from, to - this.#capacity + 1); seq <= to; seq++)
      this.#slots[seq % this.#capacity] = line;
    const before = this.#nextSeq;
    if (from > before) return false;
    this.#nextSeq = to + 1;
    while (this.#lineOf(this.#nextSeq) !== undefined) this.#nextSeq++;
    return true;
  }

  lineAt(cursor: number): { readonly line: Decided; readonly next: number } | undefined {
    if (cursor < this.oldestSeq) {
      return { line: this.#gap(cursor, this.oldestSeq - 1, 'overwritten'), next: this.oldestSeq };
    }
    if (cursor >= this.#nextSeq) return undefined;
    const line = this.#lineOf(cursor);
    if (line === undefined) return undefined;
    if (line.type === 'sample') return { line, next: cursor + 1 };
    return { line: this.#gap(cursor, line.toSeq, line.reason), next: line.toSeq + 1 };
  }

  #lineOf(seq: number): Decided | undefined {
    const line = this.#slots[seq % this.#capacity];
    if (line === undefined) return undefined;
    const holds = line.type === 'sample' ? line.seq === seq : line.fromSeq <= seq && seq <= line.toSeq;
    return holds ? line : undefined;
  }

  #gap(fromSeq: number, toSeq: number, reason: ProbeGapLine['reason']): ProbeGapLine {
    return {
      type: 'gap',
      fromSeq,
      toSeq,
      fromDueMonoMs: this.#dueMonoMs(fromSeq),
      toDueMonoMs: this.#dueMonoMs(toSeq),
      reason,
    };
  }
}
