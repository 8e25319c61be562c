import type { Clock } from '../../harness/core/clock.ts';
import type { Reporter } from '../incident/report.ts';
import type { Audit } from '../runtime/audit-file.ts';
import { Latch } from './latch.ts';

interface SuspendedZonesOptions {
  readonly clock: Clock;
  readonly audit: Audit;
  /** How long a zone has to be without doubt before it is treated again. */
  readonly goodForMs: number;
  readonly notify: Reporter['notify'];
  readonly onChange: () => void;
}

/**
 * Zones in which nothing is done, since they fell silent as a whole and machines of them run: that is a broken switch and no
 * loss of machines. People hear of each once.
 */
export class SuspendedZones {
  readonly #options: SuspendedZonesOptions;
  readonly #latches = new Map<string, Latch>();

  constructor(options: SuspendedZonesOptions) {
    this.#options = options;
  }

  /** Why nothing is done in a zone; undefined when all is well. */
  reason(zone: string): string | undefined {
    return this.#latches.get(zone)?.reason;
  }

  /** Takes over what is in doubt of which zone. */
  see(doubts: ReadonlyMap<string, string>): void {
    for (const zone of doubts.keys())
      if (!this.#latches.has(zone)) this.#latches.set(zone, this.#latchOf(zone));
    for (const [zone, latch] of this.#latches) {
      latch.see(doubts.get(zone));
      if (latch.reason === undefined) this.#latches.delete(zone);
    }
  }

  #latchOf(zone: string): Latch {
    const { clock, audit, goodForMs, notify, onChange } = this.#options;
    return new Latch({
      clock,
      audit,
      subject: `zone/${zone}`,
      goodForMs,
      onChange: (reason) => {
        if (reason === undefined) notify(`zone-${zone}`, 'resolved', `zone ${zone}: healing goes on`);
        else notify(`zone-${zone}`, 'critical', `zone ${zone}: ${reason}; nothing is done there`);
        onChange();
      },
    });
  }
}
