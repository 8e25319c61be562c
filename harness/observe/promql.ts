import { pause, systemClock, type Clock } from '../core/clock.ts';
import { given } from '../core/given.ts';
import { readPromql } from '../core/slo/promql.ts';
import type { Connect } from '../../infra/http/http.ts';
import { isAborted, watchUntilStopped, type StartObserver } from './observer.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { Asking, BACK_MS, readRules, type Question, type WatchedQuery } from './promql-asking.ts';

interface PromqlOptions {
  readonly connect: Connect;
  /** How often the series that the objectives read are scraped; the step of the queries, too. */
  readonly scrapeIntervalMs: number;
  readonly slos?: readonly WatchedQuery[];
  readonly clock?: Clock;
}

/** An observer whose list of questions may grow while it runs. */
export interface PromqlObserver {
  readonly start: StartObserver;
  /** Asks this objective's query, too, from the beginning of the trial on. Safe to repeat. */
  watch(slo: WatchedQuery): void;
  /**
   * The objective with the window that its query has through the recording rules of this Prometheus, which is asked for
   * them once; as it is where a rule is not known.
   *
   * @throws PrometheusError where Prometheus does not answer
   */
  throughRules<T extends WatchedQuery>(slo: T, signal: AbortSignal): Promise<T>;
}

/** Questions are asked again at the latest after this time, and as soon as the next step has its answer. */
const POLL_MS = 1_000;

/** Asks the objectives' own queries over the trial, step by step, and names what keeps a step from having a value. */
export function observePromql(options: PromqlOptions): PromqlObserver {
  const clock = options.clock ?? systemClock;
  const { scrapeIntervalMs } = options;
  const questions = new Map<string, Question>();
  let beginMs: number | undefined;

  const watch = (slo: WatchedQuery): void => {
    if (questions.has(slo.id)) return;
    const sinceMs = (beginMs ?? clock.now().wallMs) - BACK_MS;
    const nextMs = Math.ceil(sinceMs / scrapeIntervalMs) * scrapeIntervalMs;
    questions.set(slo.id, { slo, isRead: false, facts: readPromql(slo.query), nextMs });
  };
  for (const slo of options.slos ?? []) watch(slo);

  const start: StartObserver = async (append, signal) => {
    beginMs = clock.now().wallMs;
    const asking = new Asking(new PrometheusApi(options.connect), append, clock, scrapeIntervalMs, beginMs);
    await asking.greet(signal);
    return watchUntilStopped('promql', append, signal, async (running) => {
      while (!isAborted(running)) {
        await asking.round([...questions.values()], running);
        await pause(clock, Math.min(POLL_MS, asking.untilNextMs), running);
      }
    });
  };
  const throughRules: PromqlObserver['throughRules'] = async (slo, signal) => {
    const question = questions.get(slo.id);
    if (question?.isRead === true && question.slo.query === slo.query)
      return { ...slo, ...given({ windowMs: question.slo.windowMs, rules: question.slo.rules }) };
    const answer = await readRules(slo, new PrometheusApi(options.connect), signal);
    return 'unread' in answer ? slo : answer;
  };
  return { start, watch, throughRules };
}
