import { markup, type Markup } from '../markup/markup.ts';
import { offsetSeconds } from '../facts/wording.ts';
import { FONT, line, rect, text, xOf, type Canvas, type Lane } from './canvas.ts';
import type { FaultBar } from './picture.ts';
import { hatch } from './patterns.ts';
import { fitText, textWidth } from './text-width.ts';

const ROW_HEIGHT = 26;
const BAR_HEIGHT = 16;

/** Requested (outline), effective (solid) and reverted (the end) of every injection. */
export function faultLane(canvas: Canvas, faults: readonly FaultBar[]): Lane {
  return {
    title: 'Fault',
    height: Math.max(1, faults.length) * ROW_HEIGHT + 4,
    draw: (top) =>
      faults.length === 0
        ? text(canvas.plotFromX + 6, top + 18, 'none injected', 'fd-quiet')
        : markup`${faults.map((fault, index) => drawFault(canvas, fault, top + 2 + index * ROW_HEIGHT))}`,
  };
}

function drawFault(canvas: Canvas, fault: FaultBar, top: number): Markup {
  const y = top + (ROW_HEIGHT - BAR_HEIGHT) / 2;
  const requestedX = xOf(canvas, fault.requestedMs);
  const endX = xOf(canvas, fault.revertedMs ?? canvas.toMs);
  const effectiveX = fault.effectiveMs === undefined ? endX : xOf(canvas, fault.effectiveMs);
  const end =
    fault.revertedMs === undefined
      ? 'not reverted'
      : `reverted ${offsetSeconds(fault.revertedMs)}${fault.revertFailed ? ', failed' : ''}`;
  const label = fault.effectiveMs === undefined ? `${fault.label}: ${fault.proof}` : fault.label;
  return markup`<g class="fd-fault-bar"><title>${fault.label}; requested ${offsetSeconds(fault.requestedMs)}; ${fault.proof}; ${end}</title>
${rect(requestedX, y, effectiveX - requestedX, BAR_HEIGHT, `fd-outline fd-line-fault${fault.effectiveMs === undefined ? ' fd-pale' : ''}`, hatch(canvas, 'fault'))}${
    fault.effectiveMs === undefined
      ? ''
      : rect(effectiveX, y, endX - effectiveX, BAR_HEIGHT, 'fd-fill-fault-soft')
  }${fault.effectiveMs === undefined ? '' : rect(effectiveX, y, 3, BAR_HEIGHT, 'fd-fill-fault')}${
    fault.revertedMs === undefined
      ? arrow(endX, y)
      : line(
          endX,
          y - 2,
          endX,
          y + BAR_HEIGHT + 2,
          fault.revertFailed ? 'fd-tone-bad fd-pole' : 'fd-tone-fault fd-pole',
        )
  }${labelOn(canvas, label, fault.effectiveMs === undefined ? requestedX : effectiveX, y)}</g>`;
}

/** On the bar if there is room to its right, otherwise the text ends at the edge of the plot. */
function labelOn(canvas: Canvas, label: string, fromX: number, y: number): Markup {
  const room = canvas.plotToX - fromX - 14;
  const baseline = y + BAR_HEIGHT - 4;
  if (textWidth(label, FONT) <= room)
    return text(fromX + 9, baseline, label, 'fd-tone-fault fd-flag fd-halo');
  const fitted = fitText(label, canvas.plotToX - canvas.plotFromX - 8, FONT, true);
  return text(canvas.plotToX - 4, baseline, fitted, 'fd-tone-fault fd-flag fd-halo', 'end');
}

function arrow(x: number, y: number): Markup {
  return markup`<path d="M${x - 6} ${y}l6 ${BAR_HEIGHT / 2}l-6 ${BAR_HEIGHT / 2}" class="fd-whisker fd-tone-fault" fill="none"/>`;
}
