import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arithmetic, compared, EVERYTHING, filtered, hull, intersection, type Interval } from './interval.ts';

test('two intervals have a hull, and an intersection where they have a number in common', () => {
  assert.deepEqual(hull([0, 1], [3, 4]), [0, 4]);
  assert.deepEqual(hull([2, 5], [3, 4]), [2, 5]);
  assert.deepEqual(hull(undefined, [3, 4]), [3, 4]);
  assert.deepEqual(hull([3, 4], undefined), [3, 4]);
  assert.deepEqual(intersection([0, 3], [2, 4]), [2, 3]);
  assert.deepEqual(intersection([0, 2], [2, 4]), [2, 2]);
  assert.equal(intersection([0, 1], [2, 4]), undefined);
});

test('what an operator can make of two intervals is all of it, and no more than is known', () => {
  const cases: readonly (readonly [string, Interval, Interval, Interval | undefined])[] = [
    ['+', [1, 2], [10, 20], [11, 22]],
    ['+', [-Infinity, 0], [0, Infinity], EVERYTHING],
    ['+', [-Infinity, Infinity], [-Infinity, Infinity], EVERYTHING],
    ['+', [Infinity, Infinity], [-Infinity, 1], [-Infinity, Infinity]],
    ['-', [1, 2], [10, 20], [-19, -8]],
    ['*', [-2, 3], [4, 5], [-10, 15]],
    ['*', [0, Infinity], [0, 5], [0, Infinity]],
    ['/', [2, 8], [2, 4], [0.5, 4]],
    ['/', [2, 8], [-4, -2], [-4, -0.5]],
    ['/', [2, 8], [0, 4], [0.5, Infinity]],
    ['/', [0.5, 8], [0, 4], [0.125, Infinity]],
    ['/', [0, 8], [0, 4], [0, Infinity]],
    ['/', [0, 0], [-1, 4], [0, 0]],
    ['/', [0, 8], [0, 0], [0, Infinity]],
    ['/', [2, 8], [0, 0], [Infinity, Infinity]],
    ['/', [0, 8], [1, Infinity], [0, 8]],
    ['/', [-4, 8], [2, 4], [-2, 4]],
    ['/', [1, 1], [-2, -1], [-1, -0.5]],
    ['/', [-1, 0], [0, 0], EVERYTHING],
    ['/', [-2, -1], [0, 2], EVERYTHING],
    ['/', [0, 1], [-1, 2], EVERYTHING],
    ['/', [1, 2], [-2, 0], EVERYTHING],
    ['^', [0, 3], [1, 2], [0, Infinity]],
    ['^', [-1, 3], [1, 2], EVERYTHING],
    ['^', [-1, 3], [2, 3], EVERYTHING],
    ['^', [-1, 3], [0, 2], EVERYTHING],
    ['^', [-1, 3], [0, 0], [1, 1]],
    ['^', [-1, 3], [2, 2], [0, Infinity]],
    ['^', [0, 3], [3, 3], [0, Infinity]],
    ['^', [-1, 3], [3, 3], EVERYTHING],
    ['%', [0, 3], [3, 3], EVERYTHING],
    ['atan2', [0, 3], [3, 3], [-Math.PI, Math.PI]],
    ['%', [7, 7], [4, 4], [3, 3]],
    ['+', [2, 2], [3, 3], [5, 5]],
    ['*', [2, 2], [3, 3], [6, 6]],
    ['/', [3, 3], [2, 2], [1.5, 1.5]],
    ['atan2', [1, 1], [1, 1], [Math.PI / 4, Math.PI / 4]],
    ['nosuch', [1, 1], [1, 1], EVERYTHING],
    ['*', [0, 0], [-Infinity, Infinity], [0, 0]],
    ['-', [Infinity, Infinity], [Infinity, Infinity], undefined],
    ['-', [0, Infinity], [0, Infinity], EVERYTHING],
    ['^', [2, 2], [3, 3], [8, 8]],
    ['-', [2, 2], [3, 3], [-1, -1]],
    ['/', [0, 0], [0, 0], undefined],
  ];
  for (const [operator, a, b, result] of cases)
    assert.deepEqual(arithmetic(operator, a, b), result, `${a.join(' to ')} ${operator} ${b.join(' to ')}`);
});

test('a comparison can come out as the ends of the intervals let it', () => {
  const cases: readonly (readonly [string, Interval, Interval, boolean, boolean])[] = [
    ['>', [0, 2], [2, 3], false, true],
    ['>', [0, 2], [1, 3], true, true],
    ['>', [3, 4], [1, 3], true, true],
    ['>', [4, 5], [1, 3], true, false],
    ['>=', [0, 2], [2, 3], true, true],
    ['>=', [3, 4], [1, 3], true, false],
    ['>=', [0, 1], [2, 3], false, true],
    ['<', [2, 3], [0, 2], false, true],
    ['<=', [2, 3], [0, 2], true, true],
    ['<=', [1, 3], [3, 4], true, false],
    ['==', [1, 1], [1, 1], true, false],
    ['==', [1, 2], [1, 1], true, true],
    ['==', [1, 1], [1, 2], true, true],
    ['==', [1, 1], [2, 2], false, true],
    ['>', [1, 1], [1, 1], false, true],
    ['==', [1, 2], [2, 3], true, true],
    ['==', [1, 2], [3, 4], false, true],
    ['!=', [1, 2], [2, 3], true, true],
    ['!=', [1, 1], [1, 1], false, true],
    ['!=', [1, 1], [2, 2], true, false],
  ];
  for (const [operator, a, b, canBeTrue, canBeFalse] of cases)
    assert.deepEqual(
      compared(operator, a, b),
      { canBeTrue, canBeFalse },
      `${a.join(' to ')} ${operator} ${b.join(' to ')}`,
    );
});

test('what a comparison lets through lies on its side of the other interval', () => {
  assert.deepEqual(filtered('>', [0, 5], [2, 3]), [2, 5]);
  assert.deepEqual(filtered('>=', [4, 5], [2, 3]), [4, 5]);
  assert.deepEqual(filtered('<', [0, 5], [2, 3]), [0, 3]);
  assert.deepEqual(filtered('<=', [0, 1], [2, 3]), [0, 1]);
  assert.deepEqual(filtered('==', [0, 5], [2, 3]), [2, 3]);
  assert.deepEqual(filtered('!=', [0, 5], [2, 3]), [0, 5]);
  assert.deepEqual(filtered('==', [3, 5], [2, 4]), [3, 4]);
  for (const operator of ['>', '>=', '==']) assert.equal(filtered(operator, [0, 1], [2, 3]), undefined);
  for (const operator of ['<', '<=', '==']) assert.equal(filtered(operator, [2, 3], [0, 1]), undefined);
  assert.equal(filtered('!=', [1, 1], [1, 1]), undefined);
});
