import { offsetSeconds } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { FONT, text, xOf, type Canvas, type Lane } from './canvas.ts';
import { packRows } from './flags.ts';
import type { HealerPoint } from './picture.ts';
import { cutText, textWidth } from './text-width.ts';
import { largest } from '../../harness/core/extremes.ts';

const ROW_HEIGHT = 17;
const MOST_ROWS = 9;
const LONGEST_LABEL = 560;
const SIGN = 9;
/** With less room to its right a label goes to the left of its sign. */
const LEAST_ROOM = 200;
/** Points nearer than this are one sign with all of their words. */
const MERGE_WITHIN = 3;

interface PlacedPoint {
  readonly point: HealerPoint;
  readonly x: number;
  readonly label: string;
  readonly side: 'right' | 'left';
  readonly fromX: number;
  readonly toX: number;
}

/** Instants with words beside them, in as many rows as it takes for no word to touch another. */
export function pointLane(canvas: Canvas, title: string, points: readonly HealerPoint[], none: string): Lane {
  const visible = points.filter((point) => point.atMs >= canvas.fromMs && point.atMs <= canvas.toMs);
  const placed = placePoints(canvas, visible);
  const rows = packRows(placed);
  const used = largest(
    rows.map((row) => row + 1),
    1,
  );
  const hidden = rows.filter((row) => row >= MOST_ROWS).length;
  return {
    title,
    ...(hidden > 0 ? { note: `${hidden} more in the journal` } : {}),
    height: Math.min(used, MOST_ROWS) * ROW_HEIGHT + 8,
    draw: (top) =>
      placed.length === 0
        ? text(canvas.plotFromX + (canvas.narrow ? 0 : 6), top + 15, none, 'fd-quiet')
        : markup`${placed.map((one, index) => ((rows[index] ?? 0) < MOST_ROWS ? drawPoint(one, top + 4 + (rows[index] ?? 0) * ROW_HEIGHT) : ''))}`,
  };
}

function placePoints(canvas: Canvas, points: readonly HealerPoint[]): PlacedPoint[] {
  return merge(canvas, points)
    .map((point): PlacedPoint => {
      const x = xOf(canvas, point.atMs);
      const roomRight = canvas.plotToX - x - SIGN;
      const roomLeft = x - canvas.plotFromX - SIGN;
      const wanted = Math.min(LONGEST_LABEL, textWidth(point.label, FONT));
      const side = wanted <= roomRight || roomRight >= Math.min(roomLeft, LEAST_ROOM) ? 'right' : 'left';
      const label = cutText(
        point.label,
        Math.min(LONGEST_LABEL, side === 'right' ? roomRight : roomLeft),
        FONT,
      );
      const width = textWidth(label, FONT);
      return side === 'right'
        ? { point, x, label, side, fromX: x - 5, toX: x + SIGN + width }
        : { point, x, label, side, fromX: x - SIGN - width, toX: x + 5 };
    })
    .toSorted((left, right) => left.fromX - right.fromX);
}

function merge(canvas: Canvas, points: readonly HealerPoint[]): HealerPoint[] {
  const merged: HealerPoint[] = [];
  for (const point of points) {
    const before = merged.at(-1);
    const verb = point.label.split(': ', 1)[0] ?? '';
    const isSame = before !== undefined && point.label !== verb && before.label.startsWith(`${verb}: `);
    if (before && isSame && xOf(canvas, point.atMs) - xOf(canvas, before.atMs) <= MERGE_WITHIN) {
      merged[merged.length - 1] = {
        ...before,
        label: `${before.label}, ${point.label.slice(verb.length + 2)}`,
        meaning: `${before.meaning}\n${offsetSeconds(point.atMs)} ${point.meaning}`,
      };
    } else {
      merged.push(point);
    }
  }
  return merged;
}

function drawPoint({ point, x, label, side }: PlacedPoint, top: number): Markup {
  const middle = top + ROW_HEIGHT / 2;
  const words =
    side === 'right'
      ? text(x + SIGN, middle + 4, label, 'fd-halo')
      : text(x - SIGN, middle + 4, label, 'fd-halo', 'end');
  return markup`<g class="fd-point"><title>${offsetSeconds(point.atMs)} ${point.meaning}</title><path d="M${x} ${middle - 4.5}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" class="fd-tone-${point.tone}"/>${words}</g>`;
}
