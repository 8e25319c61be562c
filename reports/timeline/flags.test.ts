import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { layOutFlags, packRows, type Flag, type FlagRequest } from './flags.ts';

const WIDTH = 1000;

const wishes = fc
  .array(
    fc.record({
      // Marks come in clusters: a healer decides within milliseconds of a picture that spans minutes.
      x: fc.oneof(
        fc.double({ min: 0, max: WIDTH, noNaN: true }),
        fc.constantFrom(0, 1, 2, 3, 500, 501, 998, 999, 1000),
      ),
      width: fc.integer({ min: 10, max: WIDTH / 2 - 10 }),
    }),
    { maxLength: 12 },
  )
  .map((list) => list.toSorted((left, right) => left.x - right.x));

function overlap(one: Flag, other: Flag): boolean {
  return one.row === other.row && one.fromX < other.toX && other.fromX < one.toX;
}

test('no label overlaps another, wherever the marks fall', () => {
  fc.assert(
    fc.property(wishes, (list) => {
      const flags = layOutFlags(list, 0, WIDTH);
      assert.equal(flags.length, list.length);
      for (const [index, flag] of flags.entries()) {
        for (const other of flags.slice(index + 1))
          assert.ok(!overlap(flag, other), JSON.stringify([flag, other]));
      }
    }),
    { numRuns: 2000 },
  );
});

test('every label keeps its whole width and stays within the picture', () => {
  fc.assert(
    fc.property(wishes, (list) => {
      for (const [index, flag] of layOutFlags(list, 0, WIDTH).entries()) {
        assert.ok(flag.fromX >= 0 && flag.toX <= WIDTH, JSON.stringify(flag));
        assert.ok(flag.toX - flag.fromX >= list[index]!.width - 1e-6, JSON.stringify(flag));
      }
    }),
    { numRuns: 2000 },
  );
});

test('no line cuts the label of another mark where all labels stand on the right', () => {
  const roomy = wishes.map((list) =>
    list.map((wish): FlagRequest => ({ x: wish.x * 0.4, width: Math.min(wish.width, 400) })),
  );
  fc.assert(
    fc.property(roomy, (list) => {
      const flags = layOutFlags(list, 0, WIDTH);
      for (const [index, pole] of list.entries()) {
        for (const flag of flags) {
          const isBelow = flag.row > flags[index]!.row;
          assert.ok(!(isBelow && flag.fromX < pole.x && pole.x < flag.toX), JSON.stringify({ pole, flag }));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('boxes packed into rows never overlap', () => {
  const boxes = fc.array(
    fc
      .tuple(fc.double({ min: 0, max: WIDTH, noNaN: true }), fc.double({ min: 1, max: 300, noNaN: true }))
      .map(([fromX, width]) => ({ fromX, toX: fromX + width })),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(boxes, (list) => {
      const sorted = list.toSorted((left, right) => left.fromX - right.fromX);
      const rows = packRows(sorted);
      for (const [index, one] of sorted.entries()) {
        for (const [step, other] of sorted.slice(index + 1).entries()) {
          const isSameRow = rows[index] === rows[index + 1 + step];
          assert.ok(!isSameRow || one.toX <= other.fromX, JSON.stringify([one, other]));
        }
      }
    }),
  );
});
