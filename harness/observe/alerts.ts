import { isDeepStrictEqual } from 'node:util';
import { pause, systemClock, type Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { PrometheusApi, type ActiveAlert, type AlertingRule, type Labels } from './prometheus-api.ts';
import { Sight } from './sight.ts';

const POLL_MS = 1_000;

/** Asks Prometheus once a second which alerts are pending and firing, and by which rules, and journals each change. */
export function observeAlerts(options: { readonly connect: Connect; readonly clock?: Clock }): StartObserver {
  const clock = options.clock ?? systemClock;
  const api = new PrometheusApi(options.connect);
  return async (append, signal) => {
    const board = new AlertBoard(append, clock);
    const sight = new Sight(append, clock, 'alerts');
    board.update(await api.alertingRules(signal));
    return watchUntilStopped('alerts', append, signal, async (running) => {
      sight.seen();
      for (;;) {
        await pause(clock, POLL_MS, running);
        if (isAborted(running)) return;
        try {
          board.update(await api.alertingRules(running));
          sight.seen();
        } catch (error) {
          if (isAborted(running)) return;
          sight.lose(messageOf(error));
        }
      }
    });
  };
}

/** Rules and alerts as last seen; what differs from the next look is an event. */
class AlertBoard {
  readonly #append: Append;
  readonly #clock: Clock;
  #lookedMonoMs: number;
  #rules: readonly (readonly string[])[] = [];
  #seen = new Map<string, ActiveAlert>();

  constructor(append: Append, clock: Clock) {
    this.#append = append;
    this.#clock = clock;
    this.#lookedMonoMs = clock.now().monoMs;
  }

  update(rules: readonly AlertingRule[]): void {
    this.#updateRules(rules);
    const alerts = rules.flatMap((rule) => rule.alerts);
    const now = new Map(alerts.map((alert) => [identityOf(alert.labels), alert] as const));
    for (const [identity, alert] of now) {
      if (this.#seen.get(identity)?.state !== alert.state) this.#tell(alert, alert.state);
    }
    for (const [identity, alert] of this.#seen) {
      // One that was only pending and went away never was an alert to anybody.
      if (!now.has(identity) && alert.state === 'firing') this.#tell(alert, 'resolved');
    }
    this.#seen = now;
  }

  /** Before the alerts: what is gone because its rule fails has not resolved. */
  #updateRules(all: readonly AlertingRule[]): void {
    const sinceMonoMs = this.#lookedMonoMs;
    this.#lookedMonoMs = this.#clock.now().monoMs;
    const names = [...new Set(all.map(({ name }) => name))].toSorted();
    const failing = Object.fromEntries(
      all
        .filter(({ health }) => health === 'err' || health === 'unknown')
        .map((rule) => [rule.name, whyFailing(rule)]),
    );
    // The reason may be another at each evaluation; that it fails is the news.
    const rules = [names, Object.keys(failing).toSorted()];
    if (isDeepStrictEqual(rules, this.#rules)) return;
    this.#rules = rules;
    this.#append({ kind: 'alert.rules', rules: names, failing, sinceMonoMs });
  }

  #tell({ labels, activeAtMs }: ActiveAlert, state: 'pending' | 'firing' | 'resolved'): void {
    const name = labels['alertname'] ?? '';
    this.#append({ kind: 'alert', source: 'prometheus', name, state, labels, startsAtWallMs: activeAtMs });
  }
}

function whyFailing({ health, lastError }: AlertingRule): string {
  return health === 'err' ? (lastError ?? 'no reason given') : 'it was not evaluated yet';
}

function identityOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
