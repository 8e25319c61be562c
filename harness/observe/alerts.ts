import { systemClock, type Clock } from '../core/clock.ts';
import { messageOf } from '../core/errors.ts';
import type { Connect } from '../../infra/http/http.ts';
import { isAborted, pause, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { PrometheusApi, type ActiveAlert, type Labels } from './prometheus-api.ts';
import { Sight } from './sight.ts';

const POLL_MS = 1_000;

/** Asks Prometheus once a second which alerts are pending and firing, and journals each change. */
export function observeAlerts(options: { readonly connect: Connect; readonly clock?: Clock }): StartObserver {
  const clock = options.clock ?? systemClock;
  const api = new PrometheusApi(options.connect);
  return async (append, signal) => {
    const board = new AlertBoard(append);
    const sight = new Sight(append, clock, 'alerts');
    board.update(await api.activeAlerts(signal));
    return watchUntilStopped('alerts', append, signal, async (running) => {
      sight.seen();
      for (;;) {
        await pause(clock, POLL_MS, running);
        if (isAborted(running)) return;
        try {
          board.update(await api.activeAlerts(running));
          sight.seen();
        } catch (error) {
          if (isAborted(running)) return;
          sight.lose(messageOf(error));
        }
      }
    });
  };
}

/** The alerts as last seen; what differs from the next look is an event. */
class AlertBoard {
  readonly #append: Append;
  #seen = new Map<string, ActiveAlert>();

  constructor(append: Append) {
    this.#append = append;
  }

  update(alerts: readonly ActiveAlert[]): void {
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

  #tell({ labels, activeAtMs }: ActiveAlert, state: 'pending' | 'firing' | 'resolved'): void {
    const name = labels['alertname'] ?? '';
    this.#append({ kind: 'alert', source: 'prometheus', name, state, labels, startsAtWallMs: activeAtMs });
  }
}

function identityOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
