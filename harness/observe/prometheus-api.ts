import type { z } from 'zod';
import type { ErrorCode } from '../core/error-codes.ts';
import { FiredrillError, messageOf } from '../core/errors.ts';
import { given } from '../core/given.ts';
import { keyPath } from '../core/key-path.ts';
import type { RecordingRule } from '../core/slo/slo.ts';
import { exchange, type Connect } from '../../infra/http/http.ts';
import {
  alertingGroups,
  envelope,
  labelSets,
  names,
  queried,
  recordingGroups,
  runtimeInfo,
} from './prometheus-answers.ts';

export type Labels = Readonly<Record<string, string>>;

/** One series of a range query or a range selector; values at Unix milliseconds. */
export interface Series {
  readonly labels: Labels;
  readonly values: readonly (readonly [wallMs: number, value: number])[];
}

export interface ActiveAlert {
  readonly labels: Labels;
  readonly state: 'pending' | 'firing';
  /** When it began to be pending. */
  readonly activeAtMs: number;
}

/** An alerting rule, and how it stands. */
interface AlertRule {
  readonly name: string;
  /** `inactive`, `pending`, `firing`, or, of newer ones, `unknown` before its first evaluation. */
  readonly state: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** An alerting rule with what it makes pending and firing. */
export interface AlertingRule extends AlertRule {
  readonly alerts: readonly ActiveAlert[];
  /** When it was evaluated last, as text: it changes with every evaluation. */
  readonly lastEvaluation?: string;
  /** How often it is due. */
  readonly intervalMs?: number;
}

const TIMEOUT_MS = 5_000;

/**
 * Prometheus refused the query (`observe.query-refused`, with the place of a syntax error), gave no answer
 * (`observe.prometheus-unreachable`), one of another form (`observe.unreadable-answer`), or one that lacks something
 * (`observe.partial-answer`).
 */
export class PrometheusError extends FiredrillError {
  /** Characters before the mistake, where Prometheus names the place. */
  readonly position: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    facts: { readonly position?: number; readonly cause?: unknown } = {},
  ) {
    super(code, message, { cause: facts.cause });
    this.position = facts.position;
  }
}

/** The HTTP API of one Prometheus, as far as an observer needs it; each call on a connection of its own. */
export class PrometheusApi {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** The query at every step from `fromMs` to `toMs`, both included. */
  async queryRange(
    query: string,
    range: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
    signal: AbortSignal,
  ): Promise<Series[]> {
    const data = await this.#ask('/api/v1/query_range', queried, signal, {
      query,
      start: seconds(range.fromMs),
      end: seconds(range.toMs),
      step: seconds(range.stepMs),
    });
    return seriesOf(data);
  }

  /** The raw samples of a vector selector within the time before `atMs`. */
  async rawSamples(selector: string, atMs: number, rangeMs: number, signal: AbortSignal): Promise<Series[]> {
    const query = `${selector}[${Math.ceil(rangeMs)}ms]`;
    return seriesOf(await this.#ask('/api/v1/query', queried, signal, { query, time: seconds(atMs) }));
  }

  /** Label sets of the series that match, as far as Prometheus knows them for that time. */
  async seriesMatching(
    selector: string,
    fromMs: number,
    toMs: number,
    signal: AbortSignal,
  ): Promise<Labels[]> {
    return await this.#ask('/api/v1/series', labelSets, signal, {
      'match[]': selector,
      start: seconds(fromMs),
      end: seconds(toMs),
      limit: '200',
    });
  }

  /** The values of all series of an instant query, or the one of a scalar. */
  async valuesNow(query: string, signal: AbortSignal): Promise<number[]> {
    const data = await this.#ask('/api/v1/query', queried, signal, { query });
    if (data.resultType === 'scalar') return [numberOf(data.result[1])];
    if (data.resultType !== 'vector') throw wrongType('vector', data.resultType);
    return data.result.map(({ value }) => numberOf((value ?? throwHistograms())[1]));
  }

  /** The alerting rules of this name, as they were evaluated last. */
  async alertRules(name: string, signal: AbortSignal): Promise<AlertRule[]> {
    // An old Prometheus does not know the filter, and answers with all of them.
    return (await this.#alertingRules(signal, { 'rule_name[]': name })).filter((rule) => rule.name === name);
  }

  /** All recording rules, and how often each is evaluated. */
  async recordingRules(signal: AbortSignal): Promise<RecordingRule[]> {
    const { groups } = await this.#ask('/api/v1/rules', recordingGroups, signal, { type: 'record' });
    return groups.flatMap(({ interval, rules }) =>
      rules
        .filter(({ type }) => type === 'recording')
        .map(({ name, query }) => ({ record: name, query, intervalMs: interval * 1_000 })),
    );
  }

  async metricNames(signal: AbortSignal): Promise<string[]> {
    return await this.#ask('/api/v1/label/__name__/values', names, signal);
  }

  /** All alerting rules, as they were evaluated last. */
  async alertingRules(signal: AbortSignal): Promise<AlertingRule[]> {
    return await this.#alertingRules(signal, {});
  }

  async #alertingRules(
    signal: AbortSignal,
    filter: Readonly<Record<string, string>>,
  ): Promise<AlertingRule[]> {
    const { groups } = await this.#ask('/api/v1/rules', alertingGroups, signal, { type: 'alert', ...filter });
    return groups.flatMap(({ interval, rules }) =>
      rules
        .filter((rule) => rule.type === 'alerting')
        .map(({ name, state, health, lastError, lastEvaluation, alerts }) => ({
          ...{ name, state, health },
          ...given({ lastError, lastEvaluation, intervalMs: interval && interval * 1_000 }),
          alerts: alerts.map((alert) => ({
            labels: alert.labels,
            state: alert.state,
            activeAtMs: Date.parse(alert.activeAt),
          })),
        })),
    );
  }

  /** When this process of Prometheus started, as text: it changes with every restart. */
  async startTime(signal: AbortSignal): Promise<string> {
    return (await this.#ask('/api/v1/status/runtimeinfo', runtimeInfo, signal)).startTime;
  }

  /** Unix milliseconds by the clock of Prometheus. */
  async wallMs(signal: AbortSignal): Promise<number> {
    const data = await this.#ask('/api/v1/query', queried, signal, { query: 'time()' });
    if (data.resultType !== 'scalar') throw wrongType('scalar', data.resultType);
    return numberOf(data.result[1]) * 1_000;
  }

  async #ask<T>(
    path: string,
    shape: z.ZodType<T>,
    signal: AbortSignal,
    form: Record<string, string> = {},
  ): Promise<T> {
    const search = new URLSearchParams(form);
    const asForm = path.startsWith('/api/v1/query');
    let status: number;
    let text: string;
    try {
      ({ status, text } = await exchange(this.#connect, {
        ...(asForm ? { method: 'POST', form: search, path } : { path: withSearch(path, search) }),
        timeoutMs: TIMEOUT_MS,
        signal,
      }));
    } catch (error) {
      signal.throwIfAborted();
      throw new PrometheusError(
        'observe.prometheus-unreachable',
        `Prometheus gave no answer: ${messageOf(error)}`,
        { cause: error },
      );
    }
    return shaped(shape, readAnswer(status, text, form['query']), path);
  }
}

/** Remarks that leave an answer whole: on how a query is written, and that no more than what was asked for is listed. */
const IS_REMARK = /^PromQL (info|warning):|truncated due to limit/;

function readAnswer(status: number, text: string, query: string | undefined): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const message = `Prometheus answered ${status} without JSON: ${text.slice(0, 100)}`;
    throw new PrometheusError('observe.prometheus-unreachable', message, { cause: error });
  }
  const body = shaped(envelope, json, `with ${status}`);
  if (body.status === 'success') {
    // Who asks several stores answers with those that were there, and warns of the others: their series are missing from every sum.
    const lack = body.warnings?.find((warning) => !IS_REMARK.test(warning));
    if (lack === undefined) return body.data;
    throw new PrometheusError('observe.partial-answer', `Prometheus answered in part: ${lack}`);
  }
  const message = body.error ?? `status ${status}`;
  if (status !== 400 && status !== 422) {
    throw new PrometheusError('observe.prometheus-unreachable', `Prometheus answered ${status}: ${message}`);
  }
  const place = /(\d+):(\d+): parse error/.exec(message);
  const position =
    place === null || query === undefined ? undefined : positionOf(query, Number(place[1]), Number(place[2]));
  throw new PrometheusError('observe.query-refused', message, given({ position }));
}

/** Lines and columns count from 1. */
function positionOf(query: string, line: number, column: number): number {
  const before = query.split('\n').slice(0, line - 1);
  return before.reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
}

/** What was answered, where it has the shape that is used: whatever else comes is told by what was asked and the place in it. */
function shaped<T>(shape: z.ZodType<T>, answer: unknown, asked: string): T {
  const { data, error } = shape.safeParse(answer);
  if (error === undefined) return data;
  const [{ path, message } = { path: [], message: 'nothing' }] = error.issues;
  throw new PrometheusError(
    'observe.unreadable-answer',
    `Prometheus answered ${asked} in another form: ${keyPath(path) || 'all of it'}: ${message}`,
  );
}

function seriesOf(data: z.infer<typeof queried>): Series[] {
  if (data.resultType !== 'matrix') throw wrongType('matrix', data.resultType);
  return data.result.map(({ metric, values = [], histograms }) => {
    if (histograms !== undefined) throwHistograms();
    return {
      labels: metric,
      values: values.map(([at, value]) => [Math.round(at * 1_000), numberOf(value)] as const),
    };
  });
}

function wrongType(wanted: string, type: string): PrometheusError {
  return new PrometheusError('observe.query-refused', `expected a ${wanted}, got a ${type}`);
}

function throwHistograms(): never {
  throw new PrometheusError('observe.query-refused', 'its values are histograms, and no numbers');
}

/** Prometheus writes infinities as `+Inf` and `-Inf`. What is no text is no number either: an empty one would be 0. */
function numberOf(text: unknown): number {
  if (typeof text !== 'string' || text.trim() === '') return Number.NaN;
  if (text.endsWith('Inf')) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function withSearch(path: string, search: URLSearchParams): string {
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}
