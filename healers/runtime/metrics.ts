import { Counter, Gauge, Histogram, Registry } from 'prom-client';

const FINE_SECONDS = [
  0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 45, 60, 120, 300,
];

/** What is asked for at the moment of a scrape. */
interface LiveFigures {
  leader(): boolean;
  unhealthy(): number;
  queueDepth(): number;
  cacheAgeMs(): Readonly<Record<string, number>>;
  suspended(): boolean;
  paused(): boolean;
  outboxDepth(): number;
  auditWritten(): boolean;
}

/** The healer's figures, all under `firedrill_healer_`. */
export class HealerMetrics {
  readonly registry = new Registry();
  readonly #decisions: Counter<'rule'>;
  readonly #refusals: Counter<'reason'>;
  readonly #actions: Counter<'action' | 'result'>;
  readonly #stages: Histogram<'stage'>;
  readonly #stageTimes: Gauge<'stage'>;
  readonly #reconcileErrors: Counter;
  readonly #eventsLost: Counter;
  readonly #notesLost: Counter;
  readonly #machineUp: Gauge;

  constructor() {
    const registers = [this.registry];
    const counter = <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[] = [],
    ): Counter<L> => new Counter({ name: `firedrill_healer_${name}_total`, help, labelNames, registers });
    this.#decisions = counter('decisions', 'Decisions to act, by rule.', ['rule']);
    this.#refusals = counter('refusals', 'Refusals to act, by guard or rule.', ['reason']);
    this.#actions = counter('actions', 'Actions carried out, by kind and result.', ['action', 'result']);
    this.#reconcileErrors = counter('reconcile_errors', 'Reconciles that threw.');
    this.#eventsLost = counter('events_lost', 'Kubernetes Events that could not be delivered.');
    this.#notesLost = counter('notes_lost', 'Messages for people that could not be delivered.');
    this.#stages = new Histogram({
      name: 'firedrill_healer_stage_seconds',
      help: 'Seconds from suspicion to detection, from detection to the first action, from suspicion to recovery.',
      labelNames: ['stage'],
      buckets: FINE_SECONDS,
      registers,
    });
    this.#stageTimes = new Gauge({
      name: 'firedrill_healer_stage_timestamp_seconds',
      help: 'Unix time at which a stage was last reached, with milliseconds.',
      labelNames: ['stage'],
      registers,
    });
    this.#machineUp = new Gauge({
      name: 'firedrill_healer_machine_interface_up',
      help: '1 while the machine interface answers.',
      registers,
    });
  }

  /** Adds the figures that are read at the moment of a scrape. */
  watch(live: LiveFigures): void {
    const registers = [this.registry];
    gauge('firedrill_healer_leader', 'Whether this replica leads and can prove it.', () =>
      live.leader() ? 1 : 0,
    );
    gauge('firedrill_healer_unhealthy', 'Nodes with an open incident.', () => live.unhealthy());
    gauge('firedrill_healer_queue_depth', 'Names due to be looked at.', () => live.queueDepth());
    gauge('firedrill_healer_breaker_open', 'Whether the healer has suspended itself.', () =>
      live.suspended() ? 1 : 0,
    );
    gauge('firedrill_healer_paused', 'Whether a person has paused all healing.', () =>
      live.paused() ? 1 : 0,
    );
    gauge('firedrill_healer_audit_up', '1 while the audit can be written.', () =>
      live.auditWritten() ? 1 : 0,
    );
    gauge('firedrill_healer_outbox_depth', 'Messages that wait to be sent.', () => live.outboxDepth());
    new Gauge({
      name: 'firedrill_healer_cache_age_seconds',
      help: 'Seconds since a cache was last known to be current.',
      labelNames: ['cache'],
      registers,
      collect() {
        for (const [cache, ageMs] of Object.entries(live.cacheAgeMs())) this.set({ cache }, ageMs / 1000);
      },
    });

    function gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    }
  }

  decision(rule: string): void {
    this.#decisions.inc({ rule });
  }
  refusal(reason: string): void {
    this.#refusals.inc({ reason });
  }
  action(action: string, ok: boolean): void {
    this.#actions.inc({ action, result: ok ? 'ok' : 'error' });
  }
  stage(stage: 'detect' | 'act' | 'recover', durationMs: number, wallMs: number): void {
    this.#stages.observe({ stage }, durationMs / 1000);
    this.#stageTimes.set({ stage }, wallMs / 1000);
  }
  noteLost(): void {
    this.#notesLost.inc();
  }
  reconcileError(): void {
    this.#reconcileErrors.inc();
  }
  eventLost(): void {
    this.#eventsLost.inc();
  }
  machineInterface(up: boolean): void {
    this.#machineUp.set(up ? 1 : 0);
  }
}
