import type { Clock } from '../../harness/core/clock.ts';
import { FiredrillError, messageOf } from '../../harness/core/errors.ts';
import type { Reporter } from '../incident/report.ts';
import type { AuditRecord } from '../runtime/audit-chain.ts';
import type { Audit } from '../runtime/audit-file.ts';
import type { EventBody } from '../runtime/event-queue.ts';

interface UnfailingAuditOptions {
  readonly file: Audit;
  readonly clock: Clock;
  readonly notify: Reporter['notify'];
  readonly event: Reporter['event'];
  /** What Events about the audit are about. */
  readonly regarding: EventBody['regarding'];
}

const TRY_EVERY_MS = 5000;

/**
 * The audit as everybody sees it but its file: that a line cannot be written, as when the disk is full, ends no process. People are
 * told once, and once more when it can be written again, with how many lines are missing. Meanwhile nothing is begun: no node is
 * cordoned, drained or powered off. What was begun goes on once its machine is proved off, since its pods run nowhere, and a
 * cordon is taken back.
 */
export class UnfailingAudit implements Audit {
  readonly #options: UnfailingAuditOptions;
  #problem: string | undefined;
  #missing = 0;
  #triedAtMs = 0;

  constructor(options: UnfailingAuditOptions) {
    this.#options = options;
  }

  /** Why it cannot be written at present. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** @throws healer.audit-not-written where `durable` was asked for: what has to be on the disk before it is done is not done. */
  record(record: AuditRecord, options: { readonly durable?: boolean } = {}): void {
    this.check();
    if (this.#problem === undefined && this.#write(record, options)) return;
    this.#missing++;
    if (options.durable === true) {
      throw new FiredrillError(
        'healer.audit-not-written',
        `the audit cannot be written: ${this.#problem ?? ''}`,
        {
          hint: 'make room on the volume of auditPath',
        },
      );
    }
  }

  /** Tries to write again, a while after the last try. */
  check(): void {
    const { monoMs } = this.#options.clock.now();
    if (this.#problem === undefined || monoMs - this.#triedAtMs < TRY_EVERY_MS) return;
    const detail = `${this.#missing} lines are missing: ${this.#problem}`;
    if (!this.#write({ event: 'refused', subject: 'audit', detail, rule: 'audit' })) return;
    this.#problem = undefined;
    this.#missing = 0;
    this.#tell('resolved', `the audit is written again; ${detail}`);
  }

  #write(record: AuditRecord, options?: { readonly durable?: boolean }): boolean {
    this.#triedAtMs = this.#options.clock.now().monoMs;
    try {
      this.#options.file.record(record, options);
      return true;
    } catch (error) {
      const isNew = this.#problem === undefined;
      this.#problem = messageOf(error);
      if (isNew)
        this.#tell('critical', `nothing is begun, since the audit cannot be written: ${this.#problem}`);
      return false;
    }
  }

  #tell(severity: 'critical' | 'resolved', text: string): void {
    const { notify, event, regarding } = this.#options;
    notify('audit', severity, text);
    const isOver = severity === 'resolved';
    const type = isOver ? 'Normal' : 'Warning';
    event({ regarding, type, reason: isOver ? 'AuditWritten' : 'AuditFailed', action: 'Audit', note: text });
  }
}
