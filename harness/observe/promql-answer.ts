import { messageOf } from '../core/errors.ts';
import type { PromProblem } from '../core/journal/journal.ts';
import { showProblem } from '../core/slo/promql.ts';
import { PrometheusError, type Series } from './prometheus-api.ts';

export type Point = readonly [wallMs: number, value: number | null];

/** A value for each step; null where there is none, or more than one series, or no number. */
export function pointsOf(answer: readonly Series[], fromMs: number, toMs: number, stepMs: number): Point[] {
  const values = new Map(answer.length === 1 ? answer[0]?.values : []);
  const points: Point[] = [];
  for (let wallMs = fromMs; wallMs <= toMs; wallMs += stepMs) {
    points.push([wallMs, writable(values.get(wallMs))]);
  }
  return points;
}

/** What is no finite number is no value: infinity would pass every bound on its side. */
function writable(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** The problem on another clock. */
export function shifted(problem: PromProblem, here: (wallMs: number) => number): PromProblem {
  const { name, message, fromWallMs, toWallMs } = problem;
  return {
    name,
    message,
    ...(fromWallMs === undefined ? {} : { fromWallMs: here(fromWallMs) }),
    ...(toWallMs === undefined ? {} : { toWallMs: here(toWallMs) }),
  };
}

/** A failed question as a problem: the query was refused, answered in part, or by nobody. */
export function problemOf(query: string, error: unknown, fromWallMs: number, toWallMs: number): PromProblem {
  const code = error instanceof PrometheusError ? error.code : undefined;
  if (!(error instanceof PrometheusError) || code !== 'observe.query-refused') {
    const name = code === 'observe.partial-answer' ? 'partial-answer' : 'prometheus-unreachable';
    return { name, message: messageOf(error), fromWallMs, toWallMs };
  }
  const { position, message } = error;
  const text = position === undefined ? message : showProblem(query, { position, message });
  return { name: 'query-error', message: text };
}
