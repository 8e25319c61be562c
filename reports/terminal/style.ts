import { stripVTControlCharacters, styleText } from 'node:util';
import type { Outcome } from '../../harness/core/verdict.ts';

/** What the reader's terminal can do; decided once and passed in. */
export interface TerminalStyle {
  readonly colour: boolean;
  /** Lines may be drawn over again, for progress. */
  readonly inPlace: boolean;
  readonly columns: number;
}

/** Plain lines, for a file, a pipe or a test. */
export const PLAIN: TerminalStyle = { colour: false, inPlace: false, columns: Infinity };

/** Reads a stream and the environment: `NO_COLOR` (any text) and `TERM=dumb` switch colours off, `FORCE_COLOR` on. */
export function terminalStyle(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): TerminalStyle {
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb';
  const forced = environment['FORCE_COLOR'];
  // A terminal whose size nobody has set says 0.
  const { columns = 0 } = stream;
  const forbidden = (environment['NO_COLOR'] ?? '') !== '';
  return {
    colour: !forbidden && (isTerminal || (forced !== undefined && forced !== '0' && forced !== '')),
    inPlace: isTerminal && environment['CI'] === undefined,
    columns: !isTerminal ? Infinity : columns > 0 ? columns : 80,
  };
}

type Tone = 'good' | 'bad' | 'doubt' | 'dim' | 'bold';

const CODES = { good: 'green', bad: 'red', doubt: 'yellow', dim: 'dim', bold: 'bold' } as const;

export function paint(text: string, tone: Tone, style: TerminalStyle): string {
  return style.colour ? styleText(CODES[tone], text, { validateStream: false }) : text;
}

export function toneOf(outcome: Outcome): Tone {
  return outcome === 'held' ? 'good' : outcome === 'violated' ? 'bad' : 'doubt';
}

/** Pads to a width as seen on the screen, colour codes not counted. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - screenWidth(text)));
}

/** Cells that text takes: East Asian wide characters and emoji take two, combining marks and invisible characters none. */
export function screenWidth(text: string): number {
  let cells = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (/\p{Mark}|\p{Format}/u.test(character)) continue;
    cells +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return cells;
}
