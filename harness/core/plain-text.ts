import { stripVTControlCharacters } from 'node:util';

const CONTROLS = /[\u0000-\u001f\u007f-\u009f]+/g;
/** Marks, embeddings, overrides and isolates: they change the order in which what follows them is shown. */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';

/**
 * Text from elsewhere for one place of a line: it neither moves a terminal's cursor nor changes the order in which
 * anything beside it is read.
 */
export function tame(text: string): string {
  return isolateDirection(withoutControls(text));
}

/** Lines that were put together for a terminal: none moves the cursor; the parts that come from elsewhere are `tame` already. */
export function tameLines(text: string): string {
  return text
    .split('\n')
    .map((line) => `${/^ */.exec(line)?.[0] ?? ''}${withoutControls(line)}`)
    .join('\n');
}

function withoutControls(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, ' ').trim();
}

/** Replaces what would reverse the reading of its neighbours; text that runs from right to left keeps to its place. */
export function isolateDirection(text: string): string {
  const bare = text.replace(DIRECTION_CONTROLS, '\ufffd');
  return RIGHT_TO_LEFT.test(bare) ? `${FIRST_STRONG_ISOLATE}${bare}${POP_ISOLATE}` : bare;
}

/** JSON as it is, in which nothing that a terminal would act on stands for itself. */
export function tameJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
