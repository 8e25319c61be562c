import type { Clock } from '../../harness/core/clock.ts';
import type { Audit } from '../runtime/audit-file.ts';
import { STUCK_AFTER_MS } from './remediation-memory.ts';
import type { Reporter } from './report.ts';

interface Known {
  readonly error: string;
  readonly sinceMs: number;
  readonly paged: boolean;
}

/** Subjects of which there is no plan, since each look at them ends in an error. An error is repeated until it ends, and told once; people hear of what lasts. */
export class LookErrors {
  readonly #audit: Audit;
  readonly #clock: Clock;
  readonly #reporter: Pick<Reporter, 'notify'>;
  readonly #known = new Map<string, Known>();

  constructor(audit: Audit, clock: Clock, reporter: Pick<Reporter, 'notify'>) {
    this.#audit = audit;
    this.#clock = clock;
    this.#reporter = reporter;
  }

  /** A look at the subject ended in an error. */
  broke(kind: string, name: string, error: string): void {
    const { monoMs } = this.#clock.now();
    const known = this.#known.get(name);
    const sinceMs = known?.sinceMs ?? monoMs;
    const lasts = monoMs - sinceMs >= STUCK_AFTER_MS;
    if (lasts && known?.paged !== true)
      this.#reporter.notify(`error-${name}`, 'critical', `${name}: no plan: ${error}`);
    this.#known.set(name, { error, sinceMs, paged: lasts });
    if (known?.error === error) return;
    const subject = `${kind.toLowerCase()}/${name}`;
    this.#audit.record({ event: 'refused', subject, detail: `no plan: ${error}`, rule: 'error' });
  }

  /** There is a plan again, or nothing to plan for. */
  ended(name: string, why: string): void {
    if (this.#known.get(name)?.paged === true)
      this.#reporter.notify(`error-${name}`, 'resolved', `${name}: ${why}`);
    this.#known.delete(name);
  }
}
