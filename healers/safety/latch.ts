import type { Clock } from '../../harness/core/clock.ts';
import type { Audit } from '../runtime/audit-file.ts';

interface LatchOptions {
  readonly clock: Clock;
  readonly audit: Audit;
  /** What is suspended, as the audit names it. */
  readonly subject: string;
  /** How long there has to be no doubt. */
  readonly goodForMs: number;
  readonly onChange: (reason: string | undefined) => void;
}

/** Stands still as long as there is a doubt: it says so once, and ends only after there was none for a while. */
export class Latch {
  readonly #options: LatchOptions;
  #reason: string | undefined;
  #goodSinceMs: number | undefined;

  constructor(options: LatchOptions) {
    this.#options = options;
  }

  /** Why nothing is done at present; undefined when all is well. */
  get reason(): string | undefined {
    return this.#reason;
  }

  see(doubt: string | undefined): void {
    const { goodForMs, clock } = this.#options;
    const nowMs = clock.now().monoMs;
    if (doubt !== undefined) {
      this.#goodSinceMs = undefined;
      if (this.#reason === undefined) this.#become(doubt, 'suspended', doubt);
      return;
    }
    if (this.#reason === undefined) return;
    this.#goodSinceMs ??= nowMs;
    if (nowMs - this.#goodSinceMs >= goodForMs) {
      this.#become(undefined, 'resumed', `fresh reads for ${goodForMs} ms; was suspended: ${this.#reason}`);
    }
  }

  #become(reason: string | undefined, event: 'suspended' | 'resumed', detail: string): void {
    const { audit, subject, onChange } = this.#options;
    this.#reason = reason;
    audit.record({ event, subject, detail });
    onChange(reason);
  }
}
