import { isDeepStrictEqual } from 'node:util';
import { pause, systemClock, type Clock } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { smallest } from '../core/extremes.ts';
import type { Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { PrometheusApi, type ActiveAlert, type AlertingRule, type Labels } from './prometheus-api.ts';
import { Sight } from './sight.ts';

const POLL_MS = 1_000;
/** One evaluation may be left out; a rule that has waited for longer is not evaluated. */
const LATE_INTERVALS = 2.5;

/** Asks Prometheus once a second which alerts are pending and firing, and by which rules, and journals each change. */
export function observeAlerts(options: { readonly connect: Connect; readonly clock?: Clock }): StartObserver {
  const clock = options.clock ?? systemClock;
  const api = new PrometheusApi(options.connect);
  return async (append, signal) => {
    const board = new AlertBoard(append, clock);
    const sight = new Sight(append, clock, 'alerts');
    await board.look(api, signal);
    return watchUntilStopped('alerts', append, signal, async (running) => {
      sight.seen();
      for (;;) {
        await pause(clock, POLL_MS, running);
        try {
          await board.look(api, running);
          sight.seen();
        } catch (error) {
          if (isAborted(running)) return;
          sight.lose(messageOf(error));
        }
      }
    });
  };
}

/** When a rule was first seen to be evaluated as late as Prometheus says, by our clock: the two clocks are not compared. */
interface Evaluation {
  readonly lastEvaluation: string | undefined;
  readonly seenMonoMs: number;
}

/** Rules and alerts as last seen; what differs from the next look is an event. */
class AlertBoard {
  readonly #append: Append;
  readonly #clock: Clock;
  #lookedMonoMs: number;
  #rules: readonly (readonly string[])[] = [];
  readonly #evaluations = new Map<string, Evaluation>();
  #seen = new Map<string, ActiveAlert>();

  constructor(append: Append, clock: Clock) {
    this.#append = append;
    this.#clock = clock;
    this.#lookedMonoMs = clock.now().monoMs;
  }

  async look(api: PrometheusApi, signal: AbortSignal): Promise<void> {
    const askedMonoMs = this.#clock.now().monoMs;
    const rules = await api.alertingRules(signal);
    this.#updateRules(rules, askedMonoMs);
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

  /** Before the alerts: what is gone because its rule fails, or what is there because it is not evaluated, is no news. */
  #updateRules(all: readonly AlertingRule[], askedMonoMs: number): void {
    const lookedMonoMs = this.#lookedMonoMs;
    this.#lookedMonoMs = this.#clock.now().monoMs;
    const names = [...new Set(all.map(({ name }) => name))].toSorted();
    const failures = all.flatMap((rule, index) => {
      const failure = whyFailing(rule) ?? this.#whyLate(`${index} ${rule.name}`, rule, askedMonoMs);
      return failure === undefined ? [] : [{ name: rule.name, sinceMonoMs: lookedMonoMs, ...failure }];
    });
    const failing = Object.fromEntries(failures.map(({ name, reason }) => [name, reason]));
    // The reason may be another at each evaluation; that it fails is the news.
    const [, known = []] = this.#rules;
    const rules = [names, Object.keys(failing).toSorted()];
    if (isDeepStrictEqual(rules, this.#rules)) return;
    const news = failures.filter(({ name }) => !known.includes(name));
    const sinceMonoMs = smallest(
      news.map((failure) => failure.sinceMonoMs),
      lookedMonoMs,
    );
    this.#rules = rules;
    this.#append({ kind: 'alert.rules', rules: names, failing, sinceMonoMs });
  }

  /** A rule that is told to be well, but was evaluated last a long time ago: nobody knows what its alert would be now. */
  #whyLate(key: string, { lastEvaluation, intervalMs = Infinity }: AlertingRule, askedMonoMs: number) {
    const known = this.#evaluations.get(key);
    if (known === undefined || known.lastEvaluation !== lastEvaluation) {
      this.#evaluations.set(key, { lastEvaluation, seenMonoMs: this.#lookedMonoMs });
      return undefined;
    }
    const lateMs = askedMonoMs - known.seenMonoMs;
    if (lateMs <= LATE_INTERVALS * intervalMs) return undefined;
    const reason = `it was not evaluated for ${formatDuration(lateMs)}, and is due every ${formatDuration(intervalMs)}`;
    return { reason, sinceMonoMs: known.seenMonoMs };
  }

  #tell({ labels, activeAtMs }: ActiveAlert, state: 'pending' | 'firing' | 'resolved'): void {
    const name = labels['alertname'] ?? '';
    this.#append({ kind: 'alert', source: 'prometheus', name, state, labels, startsAtWallMs: activeAtMs });
  }
}

/** By its own word. */
function whyFailing({ health, lastError }: AlertingRule): { readonly reason: string } | undefined {
  if (health === 'ok') return undefined;
  return { reason: health === 'err' ? (lastError ?? 'no reason given') : 'it was not evaluated yet' };
}

function identityOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
