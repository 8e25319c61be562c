import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { keyPath } from '../key-path.ts';
import { promWidthMs } from './bracket.ts';
import { durationText, formatDuration, parseDuration } from '../duration.ts';
import { FiredrillError } from '../errors.ts';
import { readPromql, showProblem } from './promql.ts';
import { readTree } from './promql-tree.ts';
import { mistakeIn } from './promql-mistake.ts';
import { vacuityProblem } from './promql-vacuity.ts';
import { describeBound, goodShareOf, type Bound, type Judges, type Slo } from './slo.ts';
import { given } from '../given.ts';
import { whyNoEvidence } from './recording-rules.ts';

/** What a scenario writes; durations as text. */
export interface SloSpec {
  /** PromQL; `$window` stands for `window`. */
  readonly query: string;
  readonly bound: Bound;
  readonly stableFor: string;
  /** Replaces `$window` in the query. */
  readonly window?: string;
  /**
   * How much later than it happened the indicator may learn of a bad event: the time-out of the client that counts.
   * A delay widens what PromQL can tell, as a longer range would.
   */
  readonly delay?: string;
  readonly name?: string;
}

/** Scenarios run without a check of their types: a misspelt key would count for nothing. */
const SPEC = z.strictObject({
  query: z.string(),
  bound: z.strictObject({ atLeast: z.unknown(), atMost: z.unknown() }).partial(),
  stableFor: z.string(),
  ...z.object({ window: z.string(), delay: z.string(), name: z.string() }).partial().shape,
});

const problemOf = ({ path, message }: z.core.$ZodIssue): string =>
  `${keyPath(path) || 'objective'}: ${message}`;

function invalid(spec: Partial<SloSpec> | undefined, problems: readonly string[]): FiredrillError {
  return new FiredrillError('slo.invalid', `slo(${spec?.name ?? ''}): ${problems.join('\n  ')}`);
}

/**
 * A validated, frozen objective. Every problem is reported at once, with its key.
 * Throws `slo.invalid`.
 */
export function slo(spec: SloSpec): Slo {
  const shape = SPEC.safeParse(spec).error?.issues ?? [];
  if (shape.length > 0) throw invalid(spec, shape.map(problemOf));
  const problems: string[] = [];
  const windowText = check(problems, () => readWindow(spec));
  const query = windowText === undefined ? spec.query : spec.query.replaceAll('$window', windowText);
  const stableForMs = check(problems, () => readStableFor(spec));
  const delayMs = check(problems, () => parseDuration(spec.delay ?? '0s', 'delay'));
  for (const problem of boundProblems(spec.bound)) problems.push(problem);

  const facts = readPromql(query);
  const mistake = mistakeIn(query);
  if (mistake !== undefined) problems.push(`query: ${showProblem(query, mistake)}`);
  else if (facts.metrics.length === 0 && facts.selectors.length === 0) {
    problems.push('query: it reads no series, so its value says nothing about the cluster');
  } else if (facts.unanchored) {
    problems.push('query: with "@" or a negative offset its value does not belong to the instant asked for');
  } else if (boundProblems(spec.bound).length === 0) {
    const vacuity = vacuityProblem(readTree(query), spec.bound);
    if (vacuity !== undefined) problems.push(`query: ${showProblem(query, vacuity)}`);
  }
  if (problems.length > 0) throw invalid(spec, problems);
  return Object.freeze({
    id: sloId(spec, query),
    query,
    bound: Object.freeze({ ...spec.bound }),
    stableForMs: stableForMs ?? 0,
    windowMs: facts.windowMs + (delayMs ?? 0),
    ...given({ name: spec.name }),
  });
}

/** Where a limit is asked for: what PromQL can resolve there. */
interface Resolution {
  readonly scrapeIntervalMs: number;
  readonly stepMs?: number;
}

/**
 * Refuses a limit that PromQL cannot resolve: it would give no verdict. Throws `slo.unresolvable`, naming the scrape
 * interval and the range that would do, or the recorded series whose rule is not known. The probe alone resolves any limit above its period.
 */
export function assertResolvable(
  objective: Slo,
  withinMs: number,
  resolution: Resolution,
  judgedBy: Judges = 'probe-and-promql',
): void {
  if (judgedBy === 'probe') return;
  const doubt = whyNoEvidence(objective, objective.rules ?? []);
  if (doubt !== undefined)
    throw new FiredrillError('slo.unresolvable', `${objective.name ?? objective.id}: ${doubt}`, {
      hint: "ask for what the rule records instead of for its name; or let the probe judge alone: { judgedBy: 'probe' }",
    });
  const windowMs = objective.windowMs ?? readPromql(objective.query).windowMs;
  const stepMs = resolution.stepMs ?? resolution.scrapeIntervalMs;
  const widthMs = promWidthMs(windowMs, resolution.scrapeIntervalMs, stepMs);
  if (withinMs >= widthMs) return;
  const scrapeMs = enoughScrapeMs(withinMs);
  throw new FiredrillError(
    'slo.unresolvable',
    `${objective.name ?? objective.id}: a limit of ${formatDuration(withinMs)} is below what its query can resolve, ` +
      `${formatDuration(widthMs)} = range ${formatDuration(windowMs)} + scrape interval ` +
      `${formatDuration(resolution.scrapeIntervalMs)} + step ${formatDuration(stepMs)}`,
    {
      hint:
        `a scrape interval of ${durationText(scrapeMs)} and a range of ${durationText(withinMs - 2 * scrapeMs)} would do; ` +
        `or ask for at least ${durationText(Math.ceil(widthMs / 1_000) * 1_000)}; or let the probe judge alone: { judgedBy: 'probe' }`,
    },
  );
}

/**
 * Refuses to let the probe judge what it cannot see: it counts good requests. Throws `slo.unjudgeable`.
 */
export function assertJudgeable({ id, bound }: Slo, judgedBy: Judges = 'probe-and-promql'): void {
  if (judgedBy === 'promql' || goodShareOf(bound) !== undefined) return;
  throw new FiredrillError(
    'slo.unjudgeable',
    `${id}: the probe counts good requests, and the bound ${describeBound(bound)} is no share of them`,
    {
      hint: "let PromQL judge alone: { judgedBy: 'promql' }; or ask for the share of good requests, at least 0.99 of them for example",
    },
  );
}

/**
 * Refuses two objectives of one name: whatever is asked of Prometheus is kept by that name, and the answers of one would
 * stand for the other. The same objective may come again. Throws `slo.two-of-one-name`.
 */
export function assertNoNamesakes(objectives: readonly Slo[]): void {
  const known = new Map<string, Slo>();
  for (const objective of objectives) {
    const other = known.get(objective.id);
    if (other !== undefined && !isDeepStrictEqual(other, objective))
      throw new FiredrillError(
        'slo.two-of-one-name',
        `two objectives are called "${objective.id}": ${describeSlo(other)}; ${describeSlo(objective)}`,
        { hint: 'give each a name of its own' },
      );
    known.set(objective.id, objective);
  }
}

function describeSlo({ query, bound, stableForMs }: Slo): string {
  return `${query} ${describeBound(bound)} for ${formatDuration(stableForMs)}`;
}

/** A range needs four scrapes to be robust, and one scrape and one step come on top. */
function enoughScrapeMs(withinMs: number): number {
  const scrapeMs = Math.floor(withinMs / 6);
  return scrapeMs >= 1_000 ? Math.floor(scrapeMs / 1_000) * 1_000 : Math.max(1, scrapeMs);
}

function readWindow(spec: SloSpec): string | undefined {
  const used = spec.query.includes('$window');
  if (spec.window === undefined) {
    if (used) throw new Error('window: the query contains $window, but no window is given');
    return undefined;
  }
  if (!used) throw new Error('window: given, but the query does not contain $window');
  return durationText(parseDuration(spec.window, 'window'));
}

function readStableFor(spec: SloSpec): number {
  const stableForMs = parseDuration(spec.stableFor, 'stableFor');
  if (stableForMs < 1_000) {
    throw new Error(`stableFor: "${spec.stableFor}" is shorter than the second over which users are counted`);
  }
  return stableForMs;
}

function boundProblems(bound: Bound): string[] {
  const value: unknown = 'atLeast' in bound ? bound.atLeast : bound.atMost;
  if (typeof value !== 'number' || !Number.isFinite(value))
    return [`bound: ${String(value)} is no finite number`];
  if ('atLeast' in bound && 'atMost' in bound) return ['bound: give atLeast or atMost, not both'];
  return [];
}

/** Runs one reader; its error becomes a problem. */
function check<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    problems.push(thrown instanceof Error ? thrown.message : String(thrown));
    return undefined;
  }
}

function sloId(spec: SloSpec, query: string): string {
  if (spec.name !== undefined) return spec.name;
  const text = JSON.stringify([query, spec.bound, spec.stableFor]);
  return `slo-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
