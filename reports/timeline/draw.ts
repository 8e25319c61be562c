import { count } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { drawAxis, drawGrid } from './axis.ts';
import { FONT, line, rect, round, SMALL_FONT, text, xOf, type Canvas, type Lane } from './canvas.ts';
import { FLAG_GAP, layOutFlags } from './flags.ts';
import { withFallbackColours } from './fallback.ts';
import { faultLane } from './lane-fault.ts';
import { indicatorLane } from './lane-indicator.ts';
import { pointLane } from './lane-points.ts';
import { alertLane, capacityLane, resourceLane } from './lane-rows.ts';
import { legend } from './legend.ts';
import type { PictureMark, TimelineModel } from './picture.ts';
import { patternDefinitions } from './patterns.ts';
import { COLOUR_CSS, PICTURE_CSS } from './theme.ts';
import { fitText, textWidth, wrapText } from './text-width.ts';
import { largest } from '../../harness/core/extremes.ts';

export interface DrawOptions {
  /** `wide` for screens and paper, `narrow` for telephones. */
  readonly shape: 'wide' | 'narrow';
  /** True: a file of its own, with its title, colours and background. False: part of a page that has them. */
  readonly standalone: boolean;
  readonly idPrefix: string;
}

const GUTTER = 190;
const FLAG_ROW = 17;
const LANE_GAP = 6;
const NARROW_TITLE = 19;

/** Draws a timeline as SVG that needs neither scripts nor fonts of its own. */
export function drawTimeline(model: TimelineModel, options: DrawOptions): Markup {
  const canvas = canvasFor(model, options);
  const lanes = lanesOf(canvas, model);
  const flags = layOutFlags(
    model.marks.map((mark) => ({
      x: xOf(canvas, mark.atMs),
      width: textWidth(flagText(canvas, mark), FONT, true),
    })),
    2,
    canvas.width - 2,
  );
  const headHeight = options.standalone ? headLines(canvas, model).length * 18 + 30 : 6;
  const flagTop = headHeight + 4;
  const plotTop =
    flagTop +
    largest(
      flags.map((flag) => flag.row + 1),
      1,
    ) *
      FLAG_ROW +
    6;
  const tops: number[] = [];
  let y = plotTop;
  for (const lane of lanes) {
    tops.push(y + (canvas.narrow ? NARROW_TITLE : 0));
    y += lane.height + LANE_GAP + (canvas.narrow ? NARROW_TITLE : 0);
  }
  const key = legend(canvas, y + 44);
  const height = Math.ceil(y + 44 + key.height + 8);
  const titleId = `${options.idPrefix}title`;
  return withFallbackColours(markup`<svg xmlns="http://www.w3.org/2000/svg" class="fd-svg fd-${options.shape}" viewBox="0 0 ${canvas.width} ${height}" font-family="system-ui, sans-serif" font-size="12" width="${canvas.width}" height="${height}" role="img" aria-labelledby="${titleId} ${options.idPrefix}desc">
<title id="${titleId}">Timeline of ${model.title}: ${model.outcome}</title><desc id="${options.idPrefix}desc">${description(model)}</desc>
${options.standalone ? markup`<style>${COLOUR_CSS}${PICTURE_CSS}</style>` : ''}${patternDefinitions(canvas)}
${options.standalone ? markup`<rect width="100%" height="100%" class="fd-ground"/>${drawHead(canvas, model)}` : ''}
${lanes.map((lane, index) => laneGround(canvas, lane, tops[index] ?? 0, index))}${drawGrid(canvas, plotTop, y)}
${model.marks.map((mark, index) => drawPole(canvas, mark, flagTop + (flags[index]?.row ?? 0) * FLAG_ROW, y))}
${lanes.map((lane, index) => markup`<g class="fd-lane">${laneTitle(canvas, lane, tops[index] ?? 0)}${lane.draw(tops[index] ?? 0)}</g>`)}
${model.marks.map((mark, index) => {
  const flag = flags[index];
  if (!flag) return '';
  const label = fitText(flagText(canvas, mark), flag.toX - flag.fromX + 0.5, FONT, true);
  const baseline = flagTop + flag.row * FLAG_ROW + 12;
  const words =
    flag.side === 'right'
      ? text(flag.fromX, baseline, label, `fd-flag fd-halo fd-tone-${mark.tone}`)
      : text(flag.toX, baseline, label, `fd-flag fd-halo fd-tone-${mark.tone}`, 'end');
  return markup`<g class="fd-mark" data-mark="${mark.name}"><title>${mark.meaning}</title>${words}</g>`;
})}
${drawAxis(canvas, y)}${zeroLine(canvas, model, y + 34)}${key.body}</svg>`);
}

function canvasFor(model: TimelineModel, { shape, idPrefix }: DrawOptions): Canvas {
  const narrow = shape === 'narrow';
  const width = narrow ? 420 : 1120;
  return {
    width,
    plotFromX: narrow ? 4 : GUTTER,
    plotToX: width - (narrow ? 4 : 14),
    fromMs: model.fromMs,
    toMs: model.toMs,
    narrow,
    idPrefix,
  };
}

function lanesOf(canvas: Canvas, model: TimelineModel): Lane[] {
  const steady =
    model.steadyPods > 0
      ? `${count(model.steadyPods, 'other pod', 'other pods')} Ready throughout`
      : undefined;
  const hidden =
    model.hiddenPods > 0 ? `${model.hiddenPods} more that changed are in the journal` : undefined;
  const podNote = [steady, hidden].filter((one) => one !== undefined).join(', ');
  return [
    faultLane(canvas, model.faults),
    ...model.indicators.map((indicator) => indicatorLane(canvas, indicator)),
    alertLane(canvas, model.alerts),
    pointLane(canvas, 'Healer', model.healer, 'no action'),
    ...(model.capacity ? [capacityLane(canvas, model.capacity)] : []),
    ...(model.nodes.length > 0 ? [resourceLane(canvas, 'Nodes', model.nodes)] : []),
    ...(model.pods.length > 0 || podNote !== ''
      ? [resourceLane(canvas, 'Pods', model.pods, podNote === '' ? undefined : podNote)]
      : []),
    ...(model.notes.some((note) => note.atMs >= model.fromMs && note.atMs <= model.toMs)
      ? [pointLane(canvas, 'Notes', model.notes, 'none')]
      : []),
  ];
}

function laneGround(canvas: Canvas, lane: Lane, top: number, index: number): Markup {
  if (canvas.narrow)
    return rect(canvas.plotFromX, top, canvas.plotToX - canvas.plotFromX, lane.height, 'fd-panel');
  return rect(0, top, canvas.width, lane.height, index % 2 === 0 ? 'fd-panel' : 'fd-ground');
}

function laneTitle(canvas: Canvas, lane: Lane, top: number): Markup {
  if (canvas.narrow) {
    const room = canvas.plotToX - canvas.plotFromX - textWidth(lane.title, FONT, true) - 14;
    const note =
      lane.note === undefined
        ? ''
        : text(canvas.plotToX, top - 6, fitText(lane.note, room, SMALL_FONT), 'fd-quiet', 'end');
    return markup`${text(canvas.plotFromX, top - 6, lane.title, 'fd-title')}${note}`;
  }
  const notes = lane.note === undefined ? [] : wrapText(lane.note, canvas.plotFromX - 56, SMALL_FONT, 3);
  return markup`${text(10, top + 16, lane.title, 'fd-title')}${notes.map((one, row) => text(10, top + 31 + row * 13, one, 'fd-quiet'))}`;
}

function drawPole(canvas: Canvas, mark: PictureMark, top: number, bottom: number): Markup {
  const x = xOf(canvas, mark.atMs);
  const fromX = xOf(canvas, mark.fromMs);
  const toX = xOf(canvas, mark.toMs);
  const error =
    toX - fromX >= 1.5
      ? markup`${rect(fromX, top + 14, toX - fromX, bottom - top - 14, `fd-error fd-fill-${mark.tone}`)}<path d="M${fromX} ${bottom - 4}v8M${fromX} ${bottom}H${toX}M${toX} ${bottom - 4}v8" class="fd-whisker fd-tone-${mark.tone}" fill="none"/>`
      : '';
  return markup`${error}${line(x, top, x, bottom, `fd-pole fd-tone-${mark.tone}${mark.name === 'limit' ? ' fd-limit' : ''}`)}`;
}

/** A flag has room on one side of its pole at least when it is no wider than half of the picture. */
function flagText(canvas: Canvas, { label, wholeLabel = label }: PictureMark): string {
  const room = (canvas.width - 4) / 2 - FLAG_GAP;
  return textWidth(wholeLabel, FONT, true) <= room ? wholeLabel : fitText(label, room, FONT, true);
}

function zeroLine(canvas: Canvas, model: TimelineModel, baseline: number): Markup {
  const when = new Date(Math.round(model.frame.zeroWallMs))
    .toISOString()
    .replace('T', ' ')
    .replace('Z', ' UTC');
  return text(canvas.plotToX, baseline, `0 = ${model.frame.zeroIs}, ${when}`, 'fd-quiet', 'end');
}

function headLines(canvas: Canvas, model: TimelineModel): string[] {
  return wrapText(model.reason, canvas.width - 24, FONT, 3);
}

function drawHead(canvas: Canvas, model: TimelineModel): Markup {
  const tone = model.outcome === 'held' ? 'good' : model.outcome === 'violated' ? 'bad' : 'doubt';
  const word = model.outcome.toUpperCase();
  const wordWidth = textWidth(word, 17, true);
  const title = fitText(model.title, canvas.width - wordWidth - 40, 17, true);
  return markup`${text(10, 24, word, `fd-word fd-tone-${tone}`)}${text(round(10 + wordWidth + 10), 24, title, 'fd-head')}${headLines(canvas, model).map((one, row) => text(10, 43 + row * 18, one, 'fd-quiet'))}`;
}

function description(model: TimelineModel): string {
  const marks = model.marks.map((mark) => mark.meaning).join('. ');
  return `${model.reason}. ${marks === '' ? 'No marks.' : `${marks}.`} ${model.faults.map((fault) => `${fault.label} (${fault.proof})`).join('. ')}`;
}
