import { markup, type Markup } from '../markup/markup.ts';
import { textWidth } from './text-width.ts';

/** The plane that a timeline is drawn on: where its plot lies and which instants it covers. */
export interface Canvas {
  readonly width: number;
  readonly plotFromX: number;
  readonly plotToX: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** For narrow screens: lane titles and row names stand above what they name instead of beside it. */
  readonly narrow: boolean;
  /** Keeps the ids of one picture apart from those of another on the same page. */
  readonly idPrefix: string;
}

export const FONT = 12;
export const SMALL_FONT = 11;

/** The x of an instant, in hundredths so that files stay small; instants outside are drawn at the edge. */
export function xOf(canvas: Canvas, atMs: number): number {
  const { plotFromX, plotToX, fromMs, toMs } = canvas;
  const share = (Math.min(Math.max(atMs, fromMs), toMs) - fromMs) / Math.max(1, toMs - fromMs);
  return round(plotFromX + share * (plotToX - plotFromX));
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** One lane of the picture; `draw` is given the y of its upper edge. */
export interface Lane {
  readonly title: string;
  /** A second, quieter line under the title. */
  readonly note?: string;
  readonly height: number;
  readonly draw: (top: number) => Markup;
}

/** The width that the name of a row may take; the first row shares its line with the title of the lane. */
export function rowNameWidth(canvas: Canvas, laneTitle: string, row: number): number {
  if (canvas.narrow) return canvas.plotToX - canvas.plotFromX;
  return canvas.plotFromX - 20 - (row === 0 ? textWidth(laneTitle, FONT, true) + 6 : 0);
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): Markup {
  return markup`<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${className}"/>`;
}

export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  className: string,
  fill?: string,
): Markup {
  const inside = fill === undefined ? '' : markup` fill="${fill}"`;
  return markup`<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}" class="${className}"${inside}/>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  className: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): Markup {
  const where = anchor === 'start' ? '' : markup` text-anchor="${anchor}"`;
  return markup`<text x="${round(x)}" y="${round(y)}" class="${className}"${where}>${content}</text>`;
}

/** Short strokes as one path, at most one per half unit of the picture: a thousand failures stay one element. */
export function strokes(xs: readonly number[], top: number, bottom: number, className: string): Markup {
  const drawn = [...new Set(xs.map((x) => Math.round(x * 2) / 2))].toSorted((left, right) => left - right);
  if (drawn.length === 0) return markup``;
  return markup`<path d="${drawn.map((x) => `M${x} ${round(top)}V${round(bottom)}`).join('')}" class="${className}"/>`;
}
