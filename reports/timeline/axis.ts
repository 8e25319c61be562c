import { markup, type Markup } from '../markup/markup.ts';
import { chosenSeconds } from '../facts/wording.ts';
import { FONT, line, SMALL_FONT, text, xOf, type Canvas } from './canvas.ts';
import { textWidth } from './text-width.ts';

const NICE_STEPS_MS = [
  100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];
const LEAST_DISTANCE = 64;

/** Round instants, zero among them, far enough apart for their labels. */
function ticks(canvas: Pick<Canvas, 'fromMs' | 'toMs' | 'plotFromX' | 'plotToX'>): number[] {
  const span = Math.max(1, canvas.toMs - canvas.fromMs);
  const most = Math.max(2, Math.floor((canvas.plotToX - canvas.plotFromX) / LEAST_DISTANCE));
  const step =
    NICE_STEPS_MS.find((one) => span / one <= most) ?? Math.ceil(span / most / 3_600_000) * 3_600_000;
  const found: number[] = [];
  for (let at = Math.ceil(canvas.fromMs / step); at * step <= canvas.toMs; at++) found.push(at * step);
  return found;
}

function tickLabel(atMs: number): string {
  if (atMs === 0) return '0';
  return `${atMs < 0 ? '\u2212' : '+'}${Number((Math.abs(atMs) / 1000).toFixed(1))} s`;
}

export function drawGrid(canvas: Canvas, top: number, bottom: number): Markup {
  return markup`<g class="fd-grid-lines">${ticks(canvas).map((at) => line(xOf(canvas, at), top, xOf(canvas, at), bottom, 'fd-grid'))}</g>`;
}

/** The axis with its figures; `y` is its line, the figures stand below. */
export function drawAxis(canvas: Canvas, y: number): Markup {
  return markup`<g class="fd-axis-figures">${line(canvas.plotFromX, y, canvas.plotToX, y, 'fd-axis')}${ticks(
    canvas,
  ).map((at) => {
    const x = xOf(canvas, at);
    const label = tickLabel(at);
    const half = textWidth(label, SMALL_FONT) / 2;
    const anchor = x - half < 0 ? 'start' : x + half > canvas.width ? 'end' : 'middle';
    return markup`${line(x, y, x, y + 4, 'fd-axis')}${text(x, y + 16, label, 'fd-quiet', anchor)}`;
  })}</g>`;
}

/** The limit of an objective as a pole; its label is left of it where there is no room on the right. */
export function drawLimit(canvas: Canvas, limitMs: number, top: number, bottom: number): Markup {
  const x = xOf(canvas, limitMs);
  const label = `SLO ${chosenSeconds(limitMs)}`;
  const fitsRight = x + textWidth(label, FONT, true) + 4 <= canvas.width;
  return markup`<g data-mark="limit">${line(x, top, x, bottom, 'fd-pole fd-limit fd-tone-doubt')}${text(fitsRight ? x + 4 : x - 4, top + 10, label, 'fd-tone-doubt fd-flag fd-halo', fitsRight ? 'start' : 'end')}</g>`;
}
