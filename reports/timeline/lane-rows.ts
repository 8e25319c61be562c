import type { ResourceState } from '../facts/resources.ts';
import { offsetSeconds } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { line, rect, rowNameWidth, SMALL_FONT, text, xOf, type Canvas, type Lane } from './canvas.ts';
import type { AlertReading, AlertRow, CapacityLine, ResourceRow } from './picture.ts';
import { hatch } from './patterns.ts';
import { cutText, fitText } from './text-width.ts';
import { largest } from '../../harness/core/extremes.ts';

const BAR_HEIGHT = 9;
const NOTE_HEIGHT = 17;

function rowHeight(canvas: Canvas): number {
  return canvas.narrow ? 27 : 17;
}

function rowName(canvas: Canvas, lane: string, row: number, name: string, top: number): Markup {
  const fitted = fitText(name, rowNameWidth(canvas, lane, row), SMALL_FONT);
  return canvas.narrow
    ? text(canvas.plotFromX, top + 11, fitted, 'fd-row-name fd-halo')
    : text(canvas.plotFromX - 10, top + 12, fitted, 'fd-row-name', 'end');
}

function barTop(canvas: Canvas, top: number): number {
  return top + (canvas.narrow ? 15 : 4);
}

const MOST_ALERTS = 10;

/** Pending is hatched, firing solid; a small triangle is what the receiver got. */
export function alertLane(canvas: Canvas, { rows, constant, onlyPending }: AlertReading): Lane {
  const shown = rows.slice(0, MOST_ALERTS);
  const rest = [
    ...(rows.length > shown.length ? [`${rows.length - shown.length} more`] : []),
    ...(constant.length > 0 ? [`firing throughout: ${constant.join(', ')}`] : []),
    ...(onlyPending.length > 0 ? [`pending only: ${onlyPending.join(', ')}`] : []),
    ...(rows.length + constant.length + onlyPending.length === 0 ? ['none'] : []),
  ].join('; ');
  return rowsLane(canvas, 'Alerts', shown, drawAlert, rest);
}

function rowsLane<Row>(
  canvas: Canvas,
  title: string,
  rows: readonly Row[],
  draw: (canvas: Canvas, lane: string, row: Row, index: number, top: number) => Markup,
  note: string,
): Lane {
  const height = rowHeight(canvas);
  return {
    title,
    height: rows.length * height + 6 + (note === '' ? 0 : NOTE_HEIGHT),
    draw: (top) =>
      markup`${rows.map((row, index) => draw(canvas, title, row, index, top + 3 + index * height))}${note === '' ? '' : laneNote(canvas, note, top + 15 + rows.length * height)}`,
  };
}

function laneNote(canvas: Canvas, words: string, baseline: number): Markup {
  const fitted = cutText(words, canvas.plotToX - canvas.plotFromX - 12, SMALL_FONT);
  return text(canvas.plotFromX + (canvas.narrow ? 0 : 6), baseline, fitted, 'fd-quiet fd-halo');
}

function drawAlert(canvas: Canvas, lane: string, alert: AlertRow, index: number, top: number): Markup {
  const y = barTop(canvas, top);
  return markup`<g class="fd-alert"><title>${alert.label}: ${inWords(alert.stretches)}</title>${rowName(canvas, lane, index, alert.label, top)}${alert.stretches
    .filter((one) => one.toMs >= canvas.fromMs && one.fromMs <= canvas.toMs)
    .map((one) => {
      const x = xOf(canvas, one.fromMs);
      const width = Math.max(1.5, xOf(canvas, one.toMs) - x);
      return one.state === 'firing'
        ? rect(x, y, width, BAR_HEIGHT, 'fd-fill-bad')
        : rect(x, y, width, BAR_HEIGHT, 'fd-outline fd-line-doubt', hatch(canvas, 'doubt'));
    })}${alert.receivedMs
    .filter((at) => at >= canvas.fromMs && at <= canvas.toMs)
    .map((at) => markup`<path d="M${xOf(canvas, at) - 4} ${y - 3}h8l-4 6z" class="fd-tone-bad"/>`)}</g>`;
}

function inWords(stretches: AlertRow['stretches'] | ResourceRow['stretches']): string {
  return stretches
    .map(({ state, fromMs, toMs }) => `${state} ${offsetSeconds(fromMs)} to ${offsetSeconds(toMs)}`)
    .join(', ');
}

/** Bars of Ready, with what is not Ready told apart by pattern. */
export function resourceLane(canvas: Canvas, title: string, rows: readonly ResourceRow[], note = ''): Lane {
  return rowsLane(canvas, title, rows, drawResource, note);
}

function drawResource(canvas: Canvas, lane: string, row: ResourceRow, index: number, top: number): Markup {
  const y = barTop(canvas, top);
  return markup`<g class="fd-resource"><title>${row.name} ${row.detail}: ${inWords(row.stretches)}${row.deletedMs === undefined ? '' : `, deleted ${offsetSeconds(row.deletedMs)}`}</title>${rowName(canvas, lane, index, row.name, top)}${row.stretches
    .filter((one) => one.toMs >= canvas.fromMs && one.fromMs <= canvas.toMs)
    .map((one) =>
      stateBar(canvas, one.state, xOf(canvas, one.fromMs), xOf(canvas, one.toMs), y),
    )}${createdSign(canvas, row, y)}${deletedSign(canvas, row, y)}</g>`;
}

function createdSign(canvas: Canvas, row: ResourceRow, y: number): Markup {
  if (row.createdMs === undefined || row.createdMs < canvas.fromMs) return markup``;
  return line(
    xOf(canvas, row.createdMs),
    y - 2,
    xOf(canvas, row.createdMs),
    y + BAR_HEIGHT + 2,
    'fd-tone-quiet fd-pole',
  );
}

function deletedSign(canvas: Canvas, row: ResourceRow, y: number): Markup {
  if (row.deletedMs === undefined || row.deletedMs > canvas.toMs) return markup``;
  const x = xOf(canvas, row.deletedMs) + 5;
  const middle = y + BAR_HEIGHT / 2;
  return markup`<path d="M${x - 3.5} ${middle - 3.5}l7 7m0 -7l-7 7" class="fd-whisker fd-tone-bad" fill="none"/>`;
}

const HALF_TONE = {
  cordoned: 'good',
  'not-ready': 'bad',
  unknown: 'bad',
  pending: 'doubt',
  terminating: 'quiet',
} as const;

export function stateBar(
  canvas: Canvas,
  state: ResourceState,
  fromX: number,
  toX: number,
  y: number,
): Markup {
  const width = Math.max(1, toX - fromX);
  if (state === 'ready') return rect(fromX, y, width, BAR_HEIGHT, 'fd-ready');
  return rect(
    fromX,
    y + 0.5,
    width,
    BAR_HEIGHT - 1,
    `fd-outline fd-line-${HALF_TONE[state]}`,
    state === 'pending' || state === 'cordoned' ? 'none' : hatch(canvas, HALF_TONE[state]),
  );
}

/** Replicas that count, as steps under the line of what is wanted. */
export function capacityLane(canvas: Canvas, capacity: CapacityLine): Lane {
  const height = 46;
  const most = largest(
    capacity.steps.flatMap((step) => [step.ready, step.wanted]),
    1,
  );
  return {
    title: 'Capacity',
    note: 'Ready replicas of wanted',
    height,
    draw: (top) => {
      const y = (value: number): number => top + height - 6 - (value / most) * (height - 22);
      const visible = capacity.steps.map((step, index) => ({
        ...step,
        untilMs: capacity.steps[index + 1]?.atMs ?? canvas.toMs,
      }));
      return markup`<g class="fd-capacity"><title>${capacity.steps.map((step) => `${offsetSeconds(step.atMs)}: ${step.ready} of ${step.wanted}`).join(', ')}</title>${visible
        .filter((step) => step.untilMs > canvas.fromMs && step.atMs < canvas.toMs)
        .map((step) => {
          const fromX = xOf(canvas, step.atMs);
          const toX = xOf(canvas, step.untilMs);
          return markup`${rect(fromX, y(step.wanted), toX - fromX, y(step.ready) - y(step.wanted), 'fd-lost')}${rect(fromX, y(step.ready), toX - fromX, y(0) - y(step.ready), 'fd-fill-good-soft')}${line(fromX, y(step.ready), toX, y(step.ready), 'fd-curve')}${toX - fromX > 44 ? text((fromX + toX) / 2, y(most) - 4, `${step.ready} of ${step.wanted}`, 'fd-quiet fd-halo', 'middle') : ''}`;
        })}${line(canvas.plotFromX, y(0), canvas.plotToX, y(0), 'fd-grid')}</g>`;
    },
  };
}
