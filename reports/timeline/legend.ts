import { markup, type Markup } from '../markup/markup.ts';
import { rect, SMALL_FONT, text, type Canvas } from './canvas.ts';
import { stateBar } from './lane-rows.ts';
import { hatch } from './patterns.ts';
import { textWidth } from './text-width.ts';

const SIGN_WIDTH = 20;
const ITEM_GAP = 18;
const ROW_HEIGHT = 18;

/** What the patterns mean; it wraps where the picture is narrow. */
export function legend(canvas: Canvas, top: number): { height: number; body: Markup } {
  const items: readonly (readonly [words: string, sign: (x: number, y: number) => Markup])[] = [
    ['Ready', (x, y) => stateBar(canvas, 'ready', x, x + SIGN_WIDTH, y)],
    ['Ready, cordoned', (x, y) => stateBar(canvas, 'cordoned', x, x + SIGN_WIDTH, y)],
    ['not Ready, or unknown', (x, y) => stateBar(canvas, 'not-ready', x, x + SIGN_WIDTH, y)],
    ['pending', (x, y) => stateBar(canvas, 'pending', x, x + SIGN_WIDTH, y)],
    ['terminating', (x, y) => stateBar(canvas, 'terminating', x, x + SIGN_WIDTH, y)],
    [
      'alert pending',
      (x, y) => rect(x, y, SIGN_WIDTH, 9, 'fd-outline fd-line-doubt', hatch(canvas, 'doubt')),
    ],
    ['alert firing', (x, y) => rect(x, y, SIGN_WIDTH, 9, 'fd-fill-bad')],
    ['outside the bound', (x, y) => rect(x, y, SIGN_WIDTH, 9, 'fd-lost')],
    [
      'failed request',
      (x, y) =>
        markup`<path d="M${x + 4} ${y - 1}v11M${x + 9} ${y - 1}v11M${x + 15} ${y - 1}v11" class="fd-failures"/>`,
    ],
  ];
  let x = canvas.plotFromX;
  let y = top;
  const parts = items.map(([words, sign]) => {
    const width = SIGN_WIDTH + 6 + textWidth(words, SMALL_FONT);
    if (x + width > canvas.plotToX) {
      x = canvas.plotFromX;
      y += ROW_HEIGHT;
    }
    const part = markup`${sign(x, y)}${text(x + SIGN_WIDTH + 6, y + 9, words, 'fd-quiet')}`;
    x += width + ITEM_GAP;
    return part;
  });
  return { height: y - top + ROW_HEIGHT, body: markup`<g class="fd-legend">${parts}</g>` };
}
