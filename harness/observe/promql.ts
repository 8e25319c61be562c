import { systemClock, type Clock } from '../core/clock.ts';
import type { PromProblem } from '../core/journal/journal.ts';
import { readPromql, type PromqlFacts } from '../core/slo/promql.ts';
import { given } from '../core/given.ts';
import type { Connect } from '../../infra/http/http.ts';
import { isAborted, pause, watchUntilStopped, type Append, type StartObserver } from './observer.ts';
import { diagnose } from './promql-diagnosis.ts';
import { PrometheusApi } from './prometheus-api.ts';
import { pointsOf, problemOf, shifted, type Point } from './promql-answer.ts';

/** What is asked on behalf of an objective; an `Slo` is one. */
interface WatchedQuery {
  readonly id: string;
  readonly query: string;
  /** How far its value looks back, where that is more than the query itself says. */
  readonly windowMs?: number;
}

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
}

/** How long after a scrape began its samples are sure to be there, besides its own time-out. */
const SETTLE_MS = 300;
/** Questions are asked again at the latest after this time, and as soon as the next step has its answer. */
const POLL_MS = 1_000;
/** History before the observer's start that says how the objective stood before the fault. */
const BACK_MS = 10_000;

interface Question {
  readonly slo: WatchedQuery;
  readonly facts: PromqlFacts;
  /** The first step that was not answered yet, Unix milliseconds. */
  nextMs: number;
}

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
    questions.set(slo.id, { slo, facts: readPromql(slo.query), nextMs });
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
  return { start, watch };
}

/** The state of the conversation with one Prometheus. */
class Asking {
  readonly #api: PrometheusApi;
  readonly #append: Append;
  readonly #clock: Clock;
  readonly #scrapeIntervalMs: number;
  readonly #beginMs: number;
  /** Prometheus' Unix time minus ours. */
  #aheadMs = 0;
  #startTime: string | undefined;
  #lastAnswerMs: number;

  constructor(api: PrometheusApi, append: Append, clock: Clock, scrapeIntervalMs: number, beginMs: number) {
    this.#api = api;
    this.#append = append;
    this.#clock = clock;
    this.#scrapeIntervalMs = scrapeIntervalMs;
    this.#beginMs = beginMs;
    this.#lastAnswerMs = beginMs;
  }

  /** Compares the clocks and learns which process it is. */
  async greet(signal: AbortSignal): Promise<void> {
    const askedMs = this.#clock.now().wallMs;
    const theirsMs = await this.#api.wallMs(signal);
    const answeredMs = this.#clock.now().wallMs;
    // The answer was given between the two; only what lies outside of that is a difference.
    if (theirsMs < askedMs - 1) this.#aheadMs = theirsMs - askedMs;
    else if (theirsMs > answeredMs + 1) this.#aheadMs = theirsMs - answeredMs;
    if (this.#aheadMs !== 0) {
      const text = `the clock of Prometheus is ${Math.round(this.#aheadMs)} ms ahead of ours; its answers are shifted`;
      this.#append({ kind: 'note', text });
    }
    this.#startTime = await this.#api.startTime(signal);
  }

  /** The time until one more step has its answer. */
  get untilNextMs(): number {
    const sinceMs = this.#clock.now().wallMs + this.#aheadMs - SETTLE_MS;
    return this.#scrapeIntervalMs - (sinceMs % this.#scrapeIntervalMs);
  }

  async round(questions: readonly Question[], signal: AbortSignal): Promise<void> {
    try {
      const startTime = await this.#api.startTime(signal);
      if (startTime !== this.#startTime) this.#tellRestart(questions);
      this.#startTime = startTime;
      this.#lastAnswerMs = this.#clock.now().wallMs;
    } catch (error) {
      if (!signal.aborted) this.#tellUnreachable(questions, error);
      return;
    }
    for (const question of questions) {
      if (signal.aborted) return;
      await this.#ask(question, signal);
    }
  }

  async #ask(question: Question, signal: AbortSignal): Promise<void> {
    // All in Unix time of Prometheus, shifted to ours when it is told.
    const stepMs = this.#scrapeIntervalMs;
    const nowMs = this.#clock.now().wallMs + this.#aheadMs;
    const fromMs = question.nextMs;
    const toMs = Math.floor((nowMs - this.#scrapeIntervalMs - SETTLE_MS) / stepMs) * stepMs;
    if (toMs < fromMs) return;
    try {
      const answer = await this.#api.queryRange(question.slo.query, { fromMs, toMs, stepMs }, signal);
      const asked = {
        facts: question.facts,
        answer,
        fromMs,
        toMs,
        stepMs,
        scrapeIntervalMs: this.#scrapeIntervalMs,
        knownSinceMs: this.#beginMs + this.#aheadMs - BACK_MS,
      };
      const problem = await diagnose(asked, this.#api, signal);
      question.nextMs = toMs + stepMs;
      const points = pointsOf(answer, fromMs, toMs, stepMs);
      this.#tell(question, { fromMs, toMs, points, ...given({ problem }) });
    } catch (error) {
      if (signal.aborted) return;
      this.#tell(question, {
        fromMs,
        toMs,
        points: [],
        problem: problemOf(question.slo.query, error, fromMs, toMs),
      });
    }
  }

  #tellUnreachable(questions: readonly Question[], error: unknown): void {
    const fromMs = this.#lastAnswerMs + this.#aheadMs;
    const toMs = this.#clock.now().wallMs + this.#aheadMs;
    for (const question of questions) {
      const problem = problemOf(question.slo.query, error, fromMs, toMs);
      this.#tell(question, { fromMs, toMs, points: [], problem });
    }
  }

  #tellRestart(questions: readonly Question[]): void {
    const fromMs = this.#lastAnswerMs + this.#aheadMs;
    const toMs = this.#clock.now().wallMs + this.#aheadMs;
    const message = 'Prometheus itself was restarted; what it would have scraped meanwhile is lost';
    for (const question of questions) {
      this.#tell(question, {
        fromMs,
        toMs,
        points: [],
        problem: { name: 'prometheus-restarted', message, fromWallMs: fromMs, toWallMs: toMs },
      });
    }
  }

  #tell(
    { slo, facts }: Question,
    told: {
      readonly fromMs: number;
      readonly toMs: number;
      readonly points: readonly Point[];
      readonly problem?: PromProblem;
    },
  ): void {
    const here = (wallMs: number): number => Math.round(wallMs - this.#aheadMs);
    const { problem } = told;
    this.#append({
      kind: 'promql.series',
      sloId: slo.id,
      query: slo.query,
      startWallMs: here(told.fromMs),
      endWallMs: here(told.toMs),
      stepMs: this.#scrapeIntervalMs,
      scrapeIntervalMs: this.#scrapeIntervalMs,
      windowMs: slo.windowMs ?? facts.windowMs,
      points: told.points.map(([wallMs, value]) => [here(wallMs), value] as const),
      ...(problem === undefined ? {} : { problem: shifted(problem, here) }),
    });
  }
}
