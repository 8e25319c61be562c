import type { Audit } from '../runtime/audit-file.ts';
import type { Leadership } from '../runtime/leadership.ts';
import type { HealerMetrics } from '../runtime/metrics.ts';
import type { Reporter } from '../incident/report.ts';

/** Where trouble with the machine interface is told. */
interface MachineTroubleListeners {
  readonly audit: Audit;
  readonly metrics: HealerMetrics;
  readonly leadership: Pick<Leadership, 'stillLeading'>;
  readonly notify: Reporter['notify'];
}

/** Tells once that the machine interface does not answer, and once that it does again. */
export class MachineTrouble {
  readonly #listeners: MachineTroubleListeners;
  #problem: string | undefined;

  constructor(listeners: MachineTroubleListeners) {
    this.#listeners = listeners;
  }

  /** What the last question to the interface has shown; undefined: it answered. */
  see(problem: string | undefined): void {
    const { metrics, audit } = this.#listeners;
    metrics.machineInterface(problem === undefined);
    if (problem !== undefined && this.#problem === undefined) {
      audit.record({ event: 'refused', subject: 'machines', detail: problem, rule: 'machine-interface' });
      this.#notify('critical', `the machine interface does not answer: ${problem}`);
    }
    if (problem === undefined && this.#problem !== undefined) {
      this.#notify('resolved', 'the machine interface answers again');
    }
    this.#problem = problem;
  }

  /** Both replicas ask; one of them telling people is enough. */
  #notify(severity: 'critical' | 'resolved', text: string): void {
    const { leadership, notify } = this.#listeners;
    if (leadership.stillLeading()) notify('machines', severity, text);
  }
}
