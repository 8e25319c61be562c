import { FiredrillError } from '../../../harness/core/errors.ts';
import type { MetricFamily } from '../http/exposition.ts';
import type { ActiveFault } from './protocol.ts';

const DEFAULT_TIME_TO_LIVE_MS = 15_000;

/** Faults that somebody says are active now; each lapses unless it is repeated. */
export class ActiveFaults {
  readonly #monoMs: () => number;
  readonly #faults = new Map<
    string,
    { readonly fault: Required<ActiveFault>; readonly untilMonoMs: number }
  >();

  constructor(monoMs: () => number) {
    this.#monoMs = monoMs;
  }

  set(fault: Required<ActiveFault>): void {
    this.#faults.set(fault.id, { fault, untilMonoMs: this.#monoMs() + fault.timeToLiveMs });
  }

  clear(id: string): void {
    this.#faults.delete(id);
  }

  list(): readonly Required<ActiveFault>[] {
    const now = this.#monoMs();
    for (const [id, { untilMonoMs }] of this.#faults) if (untilMonoMs <= now) this.#faults.delete(id);
    return [...this.#faults.values()].map(({ fault }) => fault);
  }

  family(): MetricFamily {
    const pairs = new Map(
      this.list().map(({ kind, target }) => [JSON.stringify([kind, target]), { kind, target }]),
    );
    return {
      name: 'firedrill_fault_active',
      help: '1 while a fault of this kind is active on this target; absent otherwise.',
      type: 'gauge',
      samples: [...pairs.values()].map((labels) => ({ labels, value: 1 })),
    };
  }
}

/** Reads a fault from outside (`receiver.bad-fault`). */
export function parseFault(input: unknown): Required<ActiveFault> {
  const {
    id,
    kind,
    target,
    timeToLiveMs = DEFAULT_TIME_TO_LIVE_MS,
  } = (input ?? {}) as Partial<Record<keyof ActiveFault, unknown>>;
  if (!isName(id) || !isName(kind) || !isName(target)) throw badFault('id, kind and target must be texts');
  if (typeof timeToLiveMs !== 'number' || !(timeToLiveMs >= 100 && timeToLiveMs <= 600_000)) {
    throw badFault('timeToLiveMs must be a number from 100 to 600000');
  }
  return { id, kind, target, timeToLiveMs };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 253;
}

function badFault(reason: string): FiredrillError {
  return new FiredrillError('receiver.bad-fault', reason);
}
