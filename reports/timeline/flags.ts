import { largest } from '../../harness/core/extremes.ts';

/** A label that wants to stand at an instant: `x` is where its line is drawn. */
export interface FlagRequest {
  readonly x: number;
  readonly width: number;
}

/** Where a label was put: its row from the top, and on which side of its line its text runs. */
export interface Flag {
  readonly row: number;
  readonly side: 'right' | 'left';
  /** The box that the text takes. */
  readonly fromX: number;
  readonly toX: number;
}

/** Space between a line and its text. */
export const FLAG_GAP = 5;
/** Space kept between two texts of one row. */
const FLAG_MARGIN = 8;

/**
 * Puts labels like flags on poles: every pole runs from its flag down through the picture. No two flags overlap, and
 * where it can be helped no pole cuts another flag. Wishes must be in the order of `x`; the answer is in the same order.
 */
export function layOutFlags(wishes: readonly FlagRequest[], fromX: number, toX: number): Flag[] {
  let best: { flags: Flag[]; cost: number } | undefined;
  // Flags on the right of their poles first, flags on the left from some pole on: that keeps the text within the picture.
  for (let turn = wishes.length; turn >= 0; turn--) {
    const boxes = wishes.map((wish, index) => box(wish, index < turn ? 'right' : 'left'));
    const flags = assignRows(wishes, boxes);
    const overflow = boxes.reduce(
      (sum, one) => sum + Math.max(0, one.toX - toX) + Math.max(0, fromX - one.fromX),
      0,
    );
    const rows = largest(
      flags.map((flag) => flag.row + 1),
      0,
    );
    const cost = overflow * 1000 + cuts(wishes, flags) * 50 + rows;
    if (!best || cost < best.cost) best = { flags, cost };
  }
  return (best?.flags ?? []).map((flag) => within(flag, fromX, toX));
}

type Box = Pick<Flag, 'side' | 'fromX' | 'toX'>;

function box({ x, width }: FlagRequest, side: Flag['side']): Box {
  return side === 'right'
    ? { side, fromX: x + FLAG_GAP, toX: x + FLAG_GAP + width }
    : { side, fromX: x - FLAG_GAP - width, toX: x - FLAG_GAP };
}

/** Right flags from left to right each go below those that their pole would cut; left flags mirrored. */
function assignRows(wishes: readonly FlagRequest[], boxes: readonly Box[]): Flag[] {
  const rows = new Map<number, number>();
  const order = [
    ...[...boxes.keys()].filter((index) => boxes[index]?.side === 'right'),
    ...[...boxes.keys()].filter((index) => boxes[index]?.side === 'left').toReversed(),
  ];
  for (const index of order) {
    const mine = boxes[index];
    const pole = wishes[index]?.x ?? 0;
    if (!mine) continue;
    let row = 0;
    for (const [other, otherRow] of rows) {
      const theirs = boxes[other];
      if (theirs && theirs.fromX - FLAG_GAP < pole && pole < theirs.toX + FLAG_MARGIN)
        row = Math.max(row, otherRow + 1);
    }
    while ([...rows].some(([other, otherRow]) => otherRow === row && touches(boxes[other], mine))) row++;
    rows.set(index, row);
  }
  return boxes.map((one, index) => ({ ...one, row: rows.get(index) ?? 0 }));
}

function touches(left: Box | undefined, right: Box): boolean {
  return left !== undefined && left.fromX < right.toX + FLAG_MARGIN && right.fromX < left.toX + FLAG_MARGIN;
}

/** How many poles run through the text of a flag in a lower row. */
function cuts(wishes: readonly FlagRequest[], flags: readonly Flag[]): number {
  let found = 0;
  for (const [index, pole] of wishes.entries()) {
    const from = flags[index]?.row ?? 0;
    for (const flag of flags) if (flag.row > from && flag.fromX < pole.x && pole.x < flag.toX) found++;
  }
  return found;
}

/** The last resort on a picture narrower than its text: the box is cut, and whoever draws fits the text into it. */
function within(flag: Flag, fromX: number, toX: number): Flag {
  return { ...flag, fromX: Math.max(fromX, flag.fromX), toX: Math.min(toX, flag.toX) };
}

/** Rows for boxes without poles, so that none overlaps another: each goes into the first row where it has room. */
export function packRows(boxes: readonly { readonly fromX: number; readonly toX: number }[]): number[] {
  const ends: number[] = [];
  return boxes.map((one) => {
    let row = ends.findIndex((end) => end + FLAG_MARGIN <= one.fromX);
    if (row < 0) row = ends.length;
    ends[row] = one.toX;
    return row;
  });
}
