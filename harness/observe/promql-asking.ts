import type { Clock } from '../core/clock.ts';
import { given } from '../core/given.ts';
import type { PromProblem } from '../core/journal/journal.ts';
import { readPromql, type PromqlFacts } from '../core/slo/promql.ts';
import { readThroughRules } from '../core/slo/recording-rules.ts';
import type { Slo } from '../core/slo/slo.ts';
import type { Append } from './observer.ts';
import type { PrometheusApi } from './prometheus-api.ts';
import { pointsOf, problemOf, shifted, type Point } from './promql-answer.ts';
import { diagnose } from './promql-diagnosis.ts';

/** What is asked on behalf of an objective; `windowMs` is absent where it is what the query itself says. */
export type WatchedQuery = Pick<Slo, 'id' | 'query' | 'windowMs' | 'rules'>;

export interface Question {
  slo: WatchedQuery;
  /** Its recording rules were read. */
  isRead: boolean;
  readonly facts: PromqlFacts;
  /** The first step that was not answered yet, Unix milliseconds. */
  nextMs: number;
}

/** How long after a scrape began its samples are sure to be there, besides its own time-out. */
const SETTLE_MS = 300;
/** History before the observer's start that says how the objective stood before the fault. */
export const BACK_MS = 10_000;

/** What is asked, with the window that it has through the recording rules; or which of them is not known. */
export async function readRules<T extends WatchedQuery>(
  slo: T,
  api: PrometheusApi,
  signal: AbortSignal,
): Promise<T | { readonly unread: string }> {
  const reading = readThroughRules(slo.query, await api.recordingRules(signal));
  if ('unread' in reading) return reading;
  const ofTextMs = readPromql(slo.query).windowMs;
  const delayMs = (slo.windowMs ?? ofTextMs) - ofTextMs;
  return {
    ...slo,
    windowMs: reading.windowMs + delayMs,
    ...(reading.rules.length === 0 ? {} : { rules: reading.rules }),
  };
}

/** The state of the conversation with one Prometheus. */
export class Asking {
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
      if (!(await this.#readRules(question, fromMs, toMs, signal))) return;
      const answer = await this.#api.queryRange(question.slo.query, { fromMs, toMs, stepMs }, signal);
      const asked = {
        facts: question.facts,
        ...given({ rules: question.slo.rules }),
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

  /** Whether they are read. A query with a mistake reads none: Prometheus says better what is wrong with it. */
  async #readRules(question: Question, fromMs: number, toMs: number, signal: AbortSignal): Promise<boolean> {
    if (question.isRead || question.facts.problems.length > 0) return true;
    const read = await readRules(question.slo, this.#api, signal);
    if ('unread' in read) {
      const problem = { name: 'rule-unknown', message: read.unread } as const;
      this.#tell(question, { fromMs, toMs, points: [], problem });
      return false;
    }
    question.slo = read;
    question.isRead = true;
    return true;
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
      ...given({ rules: slo.rules }),
      points: told.points.map(([wallMs, value]) => [here(wallMs), value] as const),
      ...(problem === undefined ? {} : { problem: shifted(problem, here) }),
    });
  }
}
