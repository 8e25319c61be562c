import type { Duration, Verdict } from '../../harness/core/verdict.ts';
import { given } from '../../harness/core/given.ts';
import type { RecoveryPhase } from '../facts/phases.ts';
import type { StockFigures } from '../facts/stock.ts';
import { describeDuration, seconds } from '../facts/wording.ts';
import { markup, type Markup } from '../markup/markup.ts';
import { drawAxis, drawGrid, drawLimit } from './axis.ts';
import { FONT, rect, text, xOf, type Canvas } from './canvas.ts';
import type { DrawOptions } from './draw.ts';
import { withFallbackColours } from './fallback.ts';
import type { Tone } from './picture.ts';
import { patternDefinitions } from './patterns.ts';
import { fitText, textWidth } from './text-width.ts';
import { largest } from '../../harness/core/extremes.ts';

interface WaterfallFacts {
  readonly verdict: Verdict;
  readonly phases: readonly RecoveryPhase[];
  readonly stock: StockFigures | undefined;
  /** The limit that the scenario sets on recovery. */
  readonly limitMs: number | undefined;
  /** The limit that it sets on full capacity. */
  readonly capacityLimitMs: number | undefined;
}

interface Bar {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
  readonly meaning: string;
  readonly tone: Tone;
  /** The end was not seen: the bar is open. */
  readonly open?: boolean;
}

interface Block {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly limitMs?: number;
}

const ROW = 24;
const BAR = 14;
const TITLE_HEIGHT = 22;
const LIMIT_HEIGHT = 18;
const BLOCK_FOOT = 30;

/** The steps of the recovery, then each promise beside stock Kubernetes: every block has a linear axis of its own. */
export function drawWaterfall(
  facts: WaterfallFacts,
  options: Pick<DrawOptions, 'shape' | 'idPrefix'>,
): Markup | undefined {
  const blocks = blocksOf(facts).filter((block) => block.bars.length > 0);
  if (blocks.length === 0) return undefined;
  const narrow = options.shape === 'narrow';
  const width = narrow ? 420 : 1120;
  const prefix = `${options.idPrefix}waterfall-`;
  const rowHeight = narrow ? ROW + 12 : ROW;
  let y = 4;
  const drawn = blocks.map((block) => {
    const top = y;
    const plane = blockCanvas(block, width, narrow, prefix);
    y += headHeight(block, plane) + block.bars.length * rowHeight + BLOCK_FOOT;
    return drawBlock(block, plane, top, rowHeight);
  });
  const canvas = blockCanvas(blocks[0] ?? { title: '', bars: [] }, width, narrow, prefix);
  return withFallbackColours(
    markup`<svg xmlns="http://www.w3.org/2000/svg" class="fd-svg fd-${options.shape}" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12" width="${width}" height="${y}" role="img" aria-labelledby="${prefix}title ${prefix}desc"><title id="${prefix}title">Recovery, step by step</title><desc id="${prefix}desc">${blocks
      .flatMap((block) => block.bars.map((bar) => `${block.title}: ${bar.name} ${bar.label}`))
      .join('. ')}</desc>${patternDefinitions(canvas)}${drawn}</svg>`,
  );
}

function blocksOf({ verdict, phases, stock, limitMs, capacityLimitMs }: WaterfallFacts): Block[] {
  const limit = given({ limitMs });
  const users = promise('this trial', verdict.recovery, isLate(verdict.recovery, limitMs) ? 'bad' : 'good');
  const capacity = promise(
    'this trial',
    verdict.capacity,
    isLate(verdict.capacity, capacityLimitMs) ? 'bad' : 'good',
  );
  const steps: Block = {
    title: 'From the effective fault, step by step',
    bars: [
      ...phases.map((phase): Bar => ({
        name: phase.name,
        fromMs: phase.fromMs,
        toMs: phase.toMs,
        // Marks may be off by a millisecond, and what the watch sees by more.
        label: phase.toMs - phase.fromMs < 10 ? '< 0.01 s' : seconds(phase.toMs - phase.fromMs),
        meaning: phase.meaning,
        tone: ['detect', 'decide', 'act'].includes(phase.name) ? 'healer' : 'fault',
      })),
      ...users.map((bar) => ({ ...bar, name: 'users restored' })),
      ...capacity.map((bar) => ({ ...bar, name: 'capacity' })),
    ],
    ...limit,
  };
  if (!stock) return [steps];
  const [least, most] = stock.capacityMs;
  return [
    steps,
    {
      title: 'Users restored, against stock Kubernetes',
      bars:
        users.length === 0
          ? []
          : [...users, stockBar(stock, stock.restoredMs, seconds(stock.restoredMs).replace('.0', ''))],
      ...limit,
    },
    {
      title: 'Capacity, against stock Kubernetes',
      bars:
        capacity.length === 0
          ? []
          : [
              ...capacity,
              stockBar(stock, most, `${Math.round(least / 1000)}\u2013${Math.round(most / 1000)} s`),
            ],
      ...given({ limitMs: capacityLimitMs }),
    },
  ];
}

function isLate(duration: Duration, limitMs: number | undefined): boolean {
  return limitMs !== undefined && duration.kind === 'measured' && duration.ms > limitMs;
}

function promise(name: string, duration: Duration, tone: Tone): Bar[] {
  const label = describeDuration(duration);
  switch (duration.kind) {
    case 'measured':
      return [{ name, fromMs: 0, toMs: duration.ms, label, meaning: label, tone }];
    case 'no-impact':
      return [{ name, fromMs: 0, toMs: 0, label, meaning: label, tone }];
    case 'censored':
      return [{ name, fromMs: 0, toMs: duration.atLeastMs, label, meaning: label, tone: 'bad', open: true }];
    case 'unknown':
      return [];
  }
}

function stockBar(stock: StockFigures, toMs: number, label: string): Bar {
  return {
    name: 'stock',
    fromMs: 0,
    toMs,
    label: `${label}, measured separately`,
    meaning: stock.label,
    tone: 'quiet',
  };
}

function blockCanvas(block: Block, width: number, narrow: boolean, idPrefix: string): Canvas {
  const longest = largest(
    block.bars.map((bar) => bar.toMs),
    1000,
  );
  const limit = block.limitMs !== undefined && block.limitMs <= longest * 4 ? block.limitMs : 0;
  const room =
    largest(
      block.bars.map((bar) => textWidth(bar.label, FONT)),
      0,
    ) + 16;
  return {
    width,
    plotFromX: narrow ? 4 : 140,
    plotToX: width - Math.min(room, width * 0.5),
    fromMs: 0,
    toMs: Math.max(longest, limit),
    narrow,
    idPrefix,
  };
}

function drawBlock(block: Block, canvas: Canvas, top: number, rowHeight: number): Markup {
  const plotTop = top + headHeight(block, canvas);
  const bottom = plotTop + block.bars.length * rowHeight;
  return markup`<g class="fd-block">${text(canvas.narrow ? 4 : 10, top + 15, block.title, 'fd-title')}${drawGrid(canvas, plotTop, bottom)}${drawAxis(canvas, bottom)}
${isLimitShown(block, canvas) ? drawLimit(canvas, block.limitMs ?? 0, plotTop - 14, bottom) : ''}${block.bars.map((bar, index) => drawBar(canvas, bar, plotTop + index * rowHeight))}</g>`;
}

function isLimitShown(block: Block, canvas: Canvas): boolean {
  return block.limitMs !== undefined && block.limitMs <= canvas.toMs;
}

/** The limit's label has a line of its own, so that it never meets the title. */
function headHeight(block: Block, canvas: Canvas): number {
  return TITLE_HEIGHT + (isLimitShown(block, canvas) ? LIMIT_HEIGHT : 0);
}

function drawBar(canvas: Canvas, bar: Bar, top: number): Markup {
  const y = top + (canvas.narrow ? 16 : (ROW - BAR) / 2);
  const fromX = xOf(canvas, bar.fromMs);
  const toX = Math.max(xOf(canvas, bar.toMs), fromX + 2);
  const name = canvas.narrow
    ? text(canvas.plotFromX, top + 12, bar.name, 'fd-row-name fd-halo')
    : text(canvas.plotFromX - 10, y + BAR - 3, bar.name, 'fd-row-name', 'end');
  const label = fitText(bar.label, canvas.width - toX - 8, FONT);
  const shape = bar.open
    ? markup`<path d="M${fromX} ${y}H${toX - 6}l6 ${BAR / 2}l-6 ${BAR / 2}H${fromX}Z" class="fd-fill-${bar.tone}"/>`
    : rect(fromX, y, toX - fromX, BAR, `fd-fill-${bar.tone}`);
  return markup`<g class="fd-bar"><title>${bar.name}: ${bar.label}; ${bar.meaning}</title>${name}${shape}${text(toX + 6, y + BAR - 3, label, 'fd-halo')}</g>`;
}
