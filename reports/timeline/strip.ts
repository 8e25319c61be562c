import { describeSpread, type Spread } from '../facts/distribution.ts';
import { seconds } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { drawAxis, drawGrid, drawLimit } from './axis.ts';
import { SMALL_FONT, text, xOf, type Canvas } from './canvas.ts';
import { withFallbackColours } from './fallback.ts';
import { wrapText } from './text-width.ts';
import { largest } from '../../harness/core/extremes.ts';

interface StripRow {
  readonly name: string;
  readonly spread: Spread;
}

const ROW = 46;
const DOT = 4;
const MOST_STACKED = 4;
const WIDE_HEAD = 20;
const NARROW_HEAD = 52;

/** Every trial as a dot: users restored and capacity, a row and an axis each, with what never came as arrows at the edge. */
export function drawStrips(
  rows: readonly StripRow[],
  limitMs: number | undefined,
  options: { readonly shape: 'wide' | 'narrow'; readonly idPrefix: string },
): Markup | undefined {
  const filled = rows.filter((row) => row.spread.valuesMs.length + row.spread.censoredAtMs.length > 0);
  if (filled.length === 0) return undefined;
  const narrow = options.shape === 'narrow';
  const width = narrow ? 420 : 1120;
  const head = narrow ? NARROW_HEAD : WIDE_HEAD;
  const each = head + ROW + 26;
  return withFallbackColours(
    markup`<svg xmlns="http://www.w3.org/2000/svg" class="fd-svg fd-${options.shape}" viewBox="0 0 ${width} ${filled.length * each}" font-family="system-ui, sans-serif" font-size="12" width="${width}" height="${filled.length * each}" role="img" aria-label="${filled.map((row) => `${row.name}: ${describeSpread(row.spread)}`).join('. ')}">${filled.map(
      (row, index) => {
        const canvas = canvasFor(
          row.spread,
          index === 0 ? limitMs : undefined,
          width,
          narrow,
          options.idPrefix,
        );
        return drawRow(canvas, row, index === 0 ? limitMs : undefined, index * each, head);
      },
    )}</svg>`,
  );
}

function canvasFor(
  spread: Spread,
  limitMs: number | undefined,
  width: number,
  narrow: boolean,
  idPrefix: string,
): Canvas {
  const longest = largest([...spread.valuesMs, ...spread.censoredAtMs], 1000);
  const limit = limitMs !== undefined && limitMs <= longest * 4 ? limitMs : 0;
  return {
    width,
    plotFromX: narrow ? 8 : 140,
    plotToX: width - 24,
    fromMs: 0,
    toMs: Math.max(longest, limit) * 1.04,
    narrow,
    idPrefix,
  };
}

function drawRow(
  canvas: Canvas,
  { name, spread }: StripRow,
  limitMs: number | undefined,
  top: number,
  head: number,
): Markup {
  const bottom = top + head + ROW;
  const words = canvas.narrow
    ? markup`${text(4, top + 14, name, 'fd-title')}${wrapText(describeSpread(spread), canvas.width - 8, SMALL_FONT, 2).map((words, row) => text(4, top + 30 + row * 14, words, 'fd-quiet'))}`
    : markup`${text(10, bottom - ROW / 2 + 4, name, 'fd-title')}${text(canvas.plotFromX, top + 13, describeSpread(spread), 'fd-quiet')}`;
  return markup`<g>${words}${drawGrid(canvas, top + head, bottom)}${drawAxis(canvas, bottom)}${limitMs !== undefined && limitMs <= canvas.toMs ? drawLimit(canvas, limitMs, top + head, bottom) : ''}${dots(canvas, spread, bottom)}${spread.censoredAtMs.map(
    (at) => {
      const x = xOf(canvas, at);
      return markup`<path d="M${x} ${bottom - 14}l8 5l-8 5z" class="fd-tone-bad"/>`;
    },
  )}</g>`;
}

/** Dots that would cover each other are stacked; a stack has a limit, beyond which they share their place. */
function dots(canvas: Canvas, spread: Spread, bottom: number): Markup {
  const stacks = new Map<number, number>();
  return markup`${spread.valuesMs.map((value) => {
    const x = xOf(canvas, value);
    const place = Math.round(x / (2 * DOT));
    const below = stacks.get(place) ?? 0;
    stacks.set(place, below + 1);
    return markup`<circle cx="${x}" cy="${bottom - DOT - 3 - Math.min(below, MOST_STACKED - 1) * 2 * DOT}" r="${DOT - 0.5}" class="fd-ready"><title>${seconds(value)}</title></circle>`;
  })}`;
}
