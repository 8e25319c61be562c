import { insideBound, numberOf, type Bound } from '../../harness/core/slo/slo.ts';
import { offsetSeconds, percent } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { FONT, line, rect, round, strokes, text, xOf, type Canvas, type Lane } from './canvas.ts';
import type { IndicatorLine } from './picture.ts';
import { hatch } from './patterns.ts';
import { fitText } from './text-width.ts';
import { largest, smallest } from '../../harness/core/extremes.ts';

const PAD = 8;
const RUG_HEIGHT = 12;

/** A curve with its bound; what lies outside is filled, and failed requests are ticks under it. */
export function indicatorLane(canvas: Canvas, indicator: IndicatorLine): Lane {
  const isProbe = indicator.clock === 'probe';
  const chartHeight = isProbe ? 84 : 56;
  const bound = indicator.bound === undefined ? '' : `, bound\u00a0${boundWords(indicator.bound)}`;
  return {
    title: isProbe ? 'Users' : 'PromQL',
    note: isProbe ? `good share over 1 s${bound}` : `${indicator.name}${bound}`,
    height: chartHeight + (isProbe ? RUG_HEIGHT + 4 : 0),
    draw: (top) =>
      markup`<g class="fd-indicator"><title>${summary(indicator)}</title>${drawChart(canvas, indicator, top, chartHeight)}${isProbe ? drawRug(canvas, indicator, top + chartHeight) : ''}</g>`,
  };
}

function drawChart(canvas: Canvas, indicator: IndicatorLine, top: number, height: number): Markup {
  const visible = withinPlot(canvas, indicator);
  const values = visible.flatMap(([, value]) => (value === null || !Number.isFinite(value) ? [] : [value]));
  const most = scaleTop(indicator.bound, values);
  const y = (value: number): number =>
    round(top + PAD + (1 - Math.min(Math.max(value / most, 0), 1)) * (height - 2 * PAD));
  const runs = splitAtGaps(visible, indicator.gaps);
  return markup`${line(canvas.plotFromX, y(0), canvas.plotToX, y(0), 'fd-grid')}${line(canvas.plotFromX, y(most), canvas.plotToX, y(most), 'fd-grid')}
${indicator.gaps.map((gap) => gapBox(canvas, gap, top + 2, height - 4))}${indicator.bound === undefined ? '' : runs.map((run) => lostArea(canvas, run, indicator.bound, y))}
${indicator.bound === undefined ? '' : line(canvas.plotFromX, y(numberOf(indicator.bound)), canvas.plotToX, y(numberOf(indicator.bound)), 'fd-bound')}
<path d="${runs.map((run) => stepPath(canvas, run, y)).join('')}" class="fd-curve"/>${scaleText(canvas, most, y)}${
    values.length === 0 ? noValues(canvas, indicator, top + height / 2 + 4) : ''
  }`;
}

function noValues(canvas: Canvas, indicator: IndicatorLine, baseline: number): Markup {
  const words = fitText(indicator.problem ?? 'no samples', canvas.plotToX - canvas.plotFromX - 16, FONT);
  return text(canvas.plotFromX + 8, baseline, words, 'fd-tone-doubt fd-halo');
}

function scaleText(canvas: Canvas, most: number, y: (value: number) => number): Markup {
  const top = most === 1 ? '100 %' : String(Number(most.toPrecision(3)));
  if (canvas.narrow) return text(canvas.plotFromX + 2, y(most) + 10, top, 'fd-quiet fd-halo');
  return markup`${text(canvas.plotFromX - 6, y(most) + 4, top, 'fd-quiet', 'end')}${text(canvas.plotFromX - 6, y(0) + 4, most === 1 ? '0 %' : '0', 'fd-quiet', 'end')}`;
}

function drawRug(canvas: Canvas, indicator: IndicatorLine, top: number): Markup {
  const failures = indicator.failuresMs.filter((at) => at >= canvas.fromMs && at <= canvas.toMs);
  return strokes(
    failures.map((at) => xOf(canvas, at)),
    top,
    top + RUG_HEIGHT,
    'fd-failures',
  );
}

type Run = readonly (readonly [atMs: number, value: number])[];

/** Curves do not cross what nobody measured: neither null values nor announced gaps. */
function splitAtGaps(points: IndicatorLine['points'], gaps: IndicatorLine['gaps']): Run[] {
  const runs: [number, number][][] = [[]];
  let before = -Infinity;
  for (const [atMs, value] of points) {
    const from = before;
    before = atMs;
    if (gaps.some((gap) => gap.fromMs < atMs && gap.toMs > from)) runs.push([]);
    if (value === null || !Number.isFinite(value)) runs.push([]);
    else runs.at(-1)?.push([atMs, value]);
  }
  return runs.filter((run) => run.length > 0);
}

/** One point on either side of the plot stays, so that the curve reaches its edges. */
function withinPlot(canvas: Canvas, { points, bound }: IndicatorLine): IndicatorLine['points'] {
  const first = points.findIndex(([atMs]) => atMs >= canvas.fromMs);
  const last = points.findLastIndex(([atMs]) => atMs <= canvas.toMs);
  return first < 0 || last < 0
    ? []
    : worstPerUnit(canvas, points.slice(Math.max(0, first - 1), last + 2), bound);
}

/** More points than the picture can show: of those that fall on one unit only the worst is drawn, a hole before all. */
function worstPerUnit(
  canvas: Canvas,
  points: IndicatorLine['points'],
  bound: Bound | undefined,
): IndicatorLine['points'] {
  if (points.length < 2 * (canvas.plotToX - canvas.plotFromX)) return points;
  const isWorse = (value: number, than: number): boolean =>
    bound && 'atMost' in bound ? value > than : value < than;
  const worst = new Map<number, readonly [number, number | null]>();
  for (const point of points) {
    const unit = Math.round(xOf(canvas, point[0]));
    const held = worst.get(unit);
    if (held?.[1] === null) continue;
    if (!held || point[1] === null || isWorse(point[1], held[1])) worst.set(unit, point);
  }
  return [...worst.values()];
}

/** Equal values and what falls on one x are left out. */
function stepPath(canvas: Canvas, run: Run, y: (value: number) => number): string {
  let path = '';
  let lastX = NaN;
  let lastY = NaN;
  for (const [index, [atMs, value]] of run.entries()) {
    const [px, py] = [xOf(canvas, atMs), y(value)];
    if (index === 0) path += `M${px} ${py}`;
    else if (py !== lastY) path += `H${px}V${py}`;
    else if (index === run.length - 1 && px !== lastX) path += `H${px}`;
    [lastX, lastY] = [px, py];
  }
  return path;
}

function lostArea(canvas: Canvas, run: Run, bound: Bound | undefined, y: (value: number) => number): Markup {
  if (!bound) return markup``;
  const best = y('atLeast' in bound ? 1 : 0);
  let path = '';
  for (const [index, [atMs, value]] of run.entries()) {
    if (insideBound(value, bound)) continue;
    const fromX = xOf(canvas, atMs);
    const toX = xOf(canvas, run[index + 1]?.[0] ?? atMs);
    if (toX > fromX) path += `M${fromX} ${best}H${toX}V${y(value)}H${fromX}Z`;
  }
  return path === '' ? markup`` : markup`<path d="${path}" class="fd-lost"/>`;
}

function gapBox(canvas: Canvas, gap: IndicatorLine['gaps'][number], top: number, height: number): Markup {
  const fromX = xOf(canvas, gap.fromMs);
  const toX = xOf(canvas, gap.toMs);
  if (gap.toMs < canvas.fromMs || gap.fromMs > canvas.toMs) return markup``;
  return markup`<g><title>no samples from ${offsetSeconds(gap.fromMs)} to ${offsetSeconds(gap.toMs)}: ${gap.reason}</title>${rect(fromX, top, Math.max(2, toX - fromX), height, 'fd-gap', hatch(canvas, 'doubt'))}</g>`;
}

function boundWords(bound: Bound): string {
  const value = numberOf(bound);
  const words =
    'atLeast' in bound && value > 0 && value <= 1
      ? `${Number((value * 100).toFixed(3))}\u00a0%`
      : String(value);
  return `${'atLeast' in bound ? '\u2265' : '\u2264'}\u00a0${words}`;
}

/** Shares end at 100 %; anything else ends a little above its largest value. */
function scaleTop(bound: Bound | undefined, values: readonly number[]): number {
  const limit = bound ? numberOf(bound) : 0;
  const most = largest(values, Math.max(limit, 0));
  if (most <= 1 && (bound === undefined || 'atLeast' in bound)) return 1;
  return most === 0 ? 1 : most * 1.15;
}

function summary(indicator: IndicatorLine): string {
  const measured = indicator.points.flatMap(([, value]) => (value === null ? [] : [value]));
  const worst = measured.length === 0 ? 'nothing measured' : `worst ${percent(smallest(measured))}`;
  const failed =
    indicator.clock === 'probe'
      ? `, ${indicator.failuresMs.length} of ${indicator.points.length} requests failed`
      : '';
  return `${indicator.name}: ${worst}${failed}${indicator.problem === undefined ? '' : `; ${indicator.problem}`}`;
}
