import type { Reporter } from '../incident/report.ts';
import type { Audit } from '../runtime/audit-file.ts';

interface KillSwitchOptions {
  readonly audit: Audit;
  readonly notify: Reporter['notify'];
  readonly event: Reporter['event'];
  /** Only who leads tells people: every replica sees the switch. */
  readonly isLeading: () => boolean;
  readonly namespace: string;
  readonly onChange: () => void;
}

/** The switch that stops everything, as it was last seen. It is asked immediately before every call that changes something. */
export class KillSwitch {
  readonly #options: KillSwitchOptions;
  #reason: string | undefined;

  constructor(options: KillSwitchOptions) {
    this.#options = options;
  }

  /** Why nothing may be done; undefined: go on. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Takes over the annotation's value; undefined: it is not there. */
  see(why: string | undefined): void {
    const before = this.#reason;
    this.#reason = why === undefined ? undefined : `the healer is paused: ${why || 'no reason given'}`;
    if (this.#reason === before) return;
    if (this.#reason === undefined) this.#tell('resumed', 'healing goes on');
    else if (before === undefined) this.#tell('suspended', this.#reason);
    this.#options.onChange();
  }

  #tell(what: 'suspended' | 'resumed', text: string): void {
    const { audit, isLeading, notify, event, namespace } = this.#options;
    audit.record({ event: what, subject: 'healer', detail: text, rule: 'paused' });
    if (!isLeading()) return;
    const isPaused = what === 'suspended';
    notify('paused', isPaused ? 'warning' : 'resolved', text);
    event({
      regarding: { apiVersion: 'v1', kind: 'Namespace', name: namespace, uid: '' },
      type: isPaused ? 'Warning' : 'Normal',
      reason: isPaused ? 'HealingPaused' : 'HealingResumed',
      action: isPaused ? 'Pause' : 'Resume',
      note: text,
    });
  }
}
