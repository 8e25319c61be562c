/**
 * Advance widths in em, as classes of characters. They are those of DejaVu Sans, the widest face that a reader of a
 * picture is likely to get, so text that fits here fits in Helvetica, Segoe or Roboto as well.
 */
const CLASSES: readonly (readonly [widthEm: number, characters: string])[] = [
  [0.32, " ',.ijlI\u00a0"],
  [0.41, '/:;\\|f-()[]t!Jr·›'],
  [0.56, '"*_`sz?cL–'],
  [0.66, 'FkPTYKvxyaobdeghnpquES$0123456789{}'],
  [0.8, 'AVBRXZCUHNDGOQ&'],
  [0.86, 'w#+<=>^~M±≤≥−→×✓✗'],
  [1, '%mW@—…'],
];

const WIDTH_EM = new Map(
  CLASSES.flatMap(([width, characters]) => Array.from(characters).map((one) => [one, width] as const)),
);

/** Anything else may be an ideograph or an emoji. */
const UNKNOWN_EM = 1.1;
const BOLD_FACTOR = 1.12;

/** An upper estimate of the width of a line of text, in the unit of `fontSize`. */
export function textWidth(text: string, fontSize: number, bold = false): number {
  let em = 0;
  for (const character of text) em += WIDTH_EM.get(character) ?? UNKNOWN_EM;
  return em * fontSize * (bold ? BOLD_FACTOR : 1);
}

/** Cuts text in its middle so that it fits: both ends of a pod's name tell something. */
export function fitText(text: string, width: number, fontSize: number, bold = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  const characters = Array.from(text);
  for (let kept = characters.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2);
    const cut = `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (kept - head)).join('')}`;
    if (textWidth(cut, fontSize, bold) <= width) return cut;
  }
  return '…';
}

/** Cuts text at its end so that it fits: a sentence is read from its start. */
export function cutText(text: string, width: number, fontSize: number): string {
  if (textWidth(text, fontSize) <= width) return text;
  const characters = Array.from(text);
  while (characters.length > 1) {
    characters.pop();
    const cut = `${characters.join('').trimEnd()}…`;
    if (textWidth(cut, fontSize) <= width) return cut;
  }
  return '…';
}

/** Breaks text into lines at spaces; a word that is too long alone is cut. */
export function wrapText(text: string, width: number, fontSize: number, maxLines = Infinity): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t\n]+/).filter((one) => one !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || textWidth(longer, fontSize) <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  if (line !== '') lines.push(line);
  const shown =
    lines.length > maxLines ? [...lines.slice(0, maxLines - 1), lines.slice(maxLines - 1).join(' ')] : lines;
  return shown.map((one) => fitText(one, width, fontSize));
}
