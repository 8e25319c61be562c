import { markup, type Markup } from '../markup/markup.ts';
import type { Canvas } from './canvas.ts';
import type { Tone } from './picture.ts';

const HATCHED: readonly Tone[] = ['fault', 'bad', 'doubt', 'quiet'];

/** Hatchings tell states apart where colours do not: in grey print, and to eyes that see fewer of them. */
export function patternDefinitions(canvas: Canvas): Markup {
  return markup`<defs>${HATCHED.map(
    (tone) =>
      markup`<pattern id="${patternId(canvas, tone)}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(${tone === 'quiet' ? 135 : 45})"><line x1="0" y1="0" x2="0" y2="5" class="fd-line-${tone} fd-hatch-line"/></pattern>`,
  )}</defs>`;
}

export function hatch(canvas: Canvas, tone: Tone): string {
  return `url(#${patternId(canvas, tone)})`;
}

function patternId(canvas: Canvas, tone: Tone): string {
  return `${canvas.idPrefix}hatch-${tone}`;
}
