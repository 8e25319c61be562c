import { formatDuration } from '../core/duration.ts';
import type { PromProblem } from '../core/journal/journal.ts';
import { nearestNames } from '../core/nearest.ts';
import type { PromqlFacts } from '../core/slo/promql.ts';
import type { RecordingRule } from '../core/slo/slo.ts';
import type { Labels, PrometheusApi, Series } from './prometheus-api.ts';
import { largest } from '../core/extremes.ts';

type Api = Pick<PrometheusApi, 'seriesMatching' | 'rawSamples' | 'metricNames'>;

/** What was asked and what came. */
interface Asked {
  readonly facts: PromqlFacts;
  /** What records the series that it reads. */
  readonly rules?: readonly RecordingRule[];
  readonly answer: readonly Series[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly scrapeIntervalMs: number;
  /** Series that were there since then count as known. */
  readonly knownSinceMs: number;
}

/** Scrapes may be this many intervals apart before it counts as a hole. */
const HOLE_INTERVALS = 2.5;
/** Before the name that may be meant, in the problem of a query that reads another which nobody tells. */
export const NEAREST_NAME = '; the nearest name is ';
/** A name that differs by more of its characters is no slip of the pen: many end alike, in `_requests_total` for instance. */
const NEAR_SHARE = 0.2;

/** The one thing that is most wrong with an answer, or undefined when every step has its value. */
export async function diagnose(
  asked: Asked,
  api: Api,
  signal: AbortSignal,
): Promise<PromProblem | undefined> {
  if (asked.answer.length > 1) return severalSeries(asked.answer);
  const reset = await counterReset(asked, api, signal);
  if (reset !== undefined) return reset;
  const [series] = asked.answer;
  const nan = series?.values.filter(([, value]) => !Number.isFinite(value)) ?? [];
  if (nan.length > 0) {
    const message = 'the query has no finite number as its value (something was divided by 0)';
    return located('nan', message, nan[0]?.[0] ?? asked.fromMs, nan.at(-1)?.[0] ?? asked.toMs);
  }
  const missing = missingSteps(asked);
  const [first] = missing;
  return first === undefined
    ? await unrecorded(asked, api, signal)
    : await whyMissing(asked, first, missing.at(-1) ?? first, api, signal);
}

/**
 * A rule that fails, or is not evaluated in time, records nothing and says nothing: PromQL goes on with the last value of
 * its series for as long as it looks back, which is five minutes.
 */
async function unrecorded(asked: Asked, api: Api, signal: AbortSignal): Promise<PromProblem | undefined> {
  const { facts, rules = [], fromMs, toMs } = asked;
  for (const { record, intervalMs } of rules) {
    const selector = facts.selectors.find((text) => text.startsWith(`${record}{`)) ?? record;
    const limitMs = HOLE_INTERVALS * intervalMs;
    const raw = await api.rawSamples(selector, toMs, toMs - fromMs + limitMs, signal);
    const hole = holeIn(raw, fromMs - limitMs, toMs, limitMs);
    if (hole === undefined) continue;
    const message = `${selector} was not recorded for ${formatDuration(hole.toMs - hole.fromMs)}: its last value stood for it`;
    return located('stale', message, Math.max(hole.fromMs, fromMs), hole.toMs);
  }
  return undefined;
}

/** Steps of the range that have no value. */
function missingSteps({ answer, fromMs, toMs, stepMs }: Asked): number[] {
  const present = new Set(answer[0]?.values.map(([wallMs]) => wallMs));
  const missing: number[] = [];
  for (let wallMs = fromMs; wallMs <= toMs; wallMs += stepMs) if (!present.has(wallMs)) missing.push(wallMs);
  return missing;
}

async function whyMissing(
  asked: Asked,
  firstMs: number,
  lastMs: number,
  api: Api,
  signal: AbortSignal,
): Promise<PromProblem> {
  const { scrapeIntervalMs, facts } = asked;
  const isShort = facts.windowMs > 0 && facts.windowMs < 2 * scrapeIntervalMs;
  // Between two scrapes a shorter range holds no sample although none is missing.
  const reachMs = isShort ? 2 * scrapeIntervalMs : facts.windowMs;
  const when = `for ${formatDuration(lastMs - firstMs + asked.stepMs)}`;
  for (const selector of facts.selectors) {
    const known = await api.seriesMatching(selector, asked.knownSinceMs, lastMs, signal);
    if (known.length === 0) {
      const nearest = await nearestName(api, selector, signal);
      const hint = nearest === undefined ? '' : `${NEAREST_NAME}${nearest}`;
      return located('absent-series', `no series matches ${selector}${hint}`, firstMs, lastMs);
    }
    const lookBackMs = lastMs - firstMs + reachMs + 4 * scrapeIntervalMs;
    const raw = await api.rawSamples(selector, lastMs, lookBackMs, signal);
    const hole = holeIn(raw, firstMs - reachMs, lastMs, HOLE_INTERVALS * scrapeIntervalMs);
    if (hole === undefined) continue;
    return await whyHole(selector, known, hole, { firstMs, lastMs, when }, asked, api, signal);
  }
  const hint = isShort
    ? `: its range of ${formatDuration(facts.windowMs)} does not hold two scrapes of ${formatDuration(scrapeIntervalMs)}`
    : ', although all series that it reads have samples';
  return located('no-data', `the query has no value ${when}${hint}`, firstMs, lastMs);
}

interface Missing {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly when: string;
}

/** No series of the selector has a sample: its targets are down, or were not scraped, or stopped telling it. */
async function whyHole(
  selector: string,
  known: readonly Labels[],
  hole: Hole,
  missing: Missing,
  asked: Asked,
  api: Api,
  signal: AbortSignal,
): Promise<PromProblem> {
  const { firstMs, lastMs, when } = missing;
  const targets = targetSelector(known);
  const rangeMs = lastMs - hole.fromMs + asked.scrapeIntervalMs;
  const up = await api.rawSamples(`up${targets}`, lastMs, rangeMs, signal);
  const during = up.flatMap((series) => series.values.filter(([at]) => at >= hole.fromMs && at <= lastMs));
  if (during.length === 0) {
    const message = `Prometheus did not scrape the targets of ${selector} ${when}`;
    return located('scrape-gap', message, firstMs, lastMs);
  }
  const gap = holeIn(up, hole.fromMs, lastMs, HOLE_INTERVALS * asked.scrapeIntervalMs);
  if (gap !== undefined && gap.fromMs < lastMs - asked.scrapeIntervalMs) {
    const message = `Prometheus made no scrape for ${formatDuration(gap.toMs - gap.fromMs)}`;
    return located('scrape-gap', message, firstMs, lastMs);
  }
  if (during.every(([, value]) => value === 0)) {
    return located('target-down', `every target of ${selector} is down (up = 0)`, firstMs, lastMs);
  }
  const message = `${selector} was not in what Prometheus scraped ${when}, although its targets are up`;
  return located('stale', message, firstMs, lastMs);
}

interface Hole {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The first stretch within the span in which not one of the series has a sample. */
function holeIn(series: readonly Series[], fromMs: number, toMs: number, limitMs: number): Hole | undefined {
  const times = series.flatMap(({ values }) => values.map(([wallMs]) => wallMs));
  const inside = [...new Set(times)]
    .filter((wallMs) => wallMs >= fromMs && wallMs <= toMs)
    .sort((a, b) => a - b);
  let previousMs = largest(
    times.filter((wallMs) => wallMs < fromMs),
    fromMs,
  );
  for (const wallMs of [...inside, toMs]) {
    if (wallMs - previousMs > limitMs) return { fromMs: previousMs, toMs: wallMs };
    previousMs = wallMs;
  }
  return inside.length === 0 ? { fromMs, toMs } : undefined;
}

/** The `up` series of those who told the series. */
function targetSelector(known: readonly Labels[]): string {
  const jobs = alternatives(known, 'job');
  const instances = alternatives(known, 'instance');
  const matchers = [jobs && `job=~"${jobs}"`, instances && `instance=~"${instances}"`].filter(
    (text) => text !== '',
  );
  return `{${matchers.join(',')}}`;
}

function alternatives(known: readonly Labels[], label: string): string {
  const values = new Set(known.map((labels) => labels[label]).filter((value) => value !== undefined));
  return [...values].map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\\\$&')).join('|');
}

/** A counter outside of `rate` and its kin that fell: its value is about the process, not about the service. */
async function counterReset(asked: Asked, api: Api, signal: AbortSignal): Promise<PromProblem | undefined> {
  for (const selector of asked.facts.bareSelectors) {
    if (!/(_total|_count|_sum|_bucket)\b/.test(selector)) continue;
    const rangeMs = asked.toMs - asked.fromMs + asked.facts.windowMs + 2 * asked.scrapeIntervalMs;
    for (const { values } of await api.rawSamples(selector, asked.toMs, rangeMs, signal)) {
      for (const [index, [wallMs, value]] of values.entries()) {
        const before = values[index - 1];
        if (before === undefined || value >= before[1]) continue;
        const message = `the counter ${selector} began again from 0: take its rate() or increase(), which allow for that`;
        return located('counter-reset', message, wallMs, asked.toMs);
      }
    }
  }
  return undefined;
}

function severalSeries(answer: readonly Series[]): PromProblem {
  const shown = answer.slice(0, 3).map(({ labels }) => JSON.stringify(labels));
  const more = answer.length > 3 ? ` and ${answer.length - 3} more` : '';
  return {
    name: 'several-series',
    message: `the query has ${answer.length} series where one is expected: ${shown.join(', ')}${more}; aggregate them`,
  };
}

/** The metric whose name differs least, when it is near enough to be a slip of the pen. */
async function nearestName(api: Api, selector: string, signal: AbortSignal): Promise<string | undefined> {
  const wanted = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(selector)?.[0];
  if (wanted === undefined) return undefined;
  const others = (await api.metricNames(signal)).filter((name) => name !== wanted);
  return nearestNames(wanted, others, 1, NEAR_SHARE)[0];
}

function located(
  name: PromProblem['name'],
  message: string,
  fromWallMs: number,
  toWallMs: number,
): PromProblem {
  return { name, message, fromWallMs, toWallMs };
}
