import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVERYTHING, hull, type Interval } from './interval.ts';
import { clamped, datesOf, manySummed, mapped, NOW, overTime } from './promql-numbers.ts';
import { readTree } from './promql-tree.ts';
import { valuesOf } from './promql-values.ts';

const at = (value: number): Interval => [value, value];

test('a function of one number is computed at a number, and has all that it can give elsewhere', () => {
  const point = { abs: -2, acos: 0.5, ceil: 1.5, cos: 0, deg: Math.PI, exp: 0, rad: 180, sgn: -3, sqrt: 4 };
  const values = Object.entries(point).map(([name, value]) => mapped(name, at(value), false)?.range?.[0]);
  assert.deepEqual(values, [2, Math.acos(0.5), 2, 1, 180, 1, Math.PI, -1, 2]);
  const ranges: Readonly<Record<string, Interval>> = {
    ...{
      abs: [0, Infinity],
      acos: [0, Math.PI],
      cos: [-1, 1],
      cosh: [1, Infinity],
      sin: [-1, 1],
      sqrt: [0, Infinity],
    },
    ...{ ln: EVERYTHING, tan: EVERYTHING, acosh: [0, Infinity] },
  };
  for (const [name, range] of Object.entries(ranges))
    assert.deepEqual(mapped(name, [-1, 2], false), { range }, name);
  assert.deepEqual(mapped('ceil', [0.5, 1.5], false), { range: [1, 2] });
  assert.deepEqual(mapped('round', [0.5, 1.5], true), { range: EVERYTHING });
  assert.deepEqual(mapped('sqrt', at(-1), false), { range: undefined });
  assert.deepEqual(mapped('abs', undefined, false), { range: undefined });
  assert.equal(mapped('nosuch', at(1), false), undefined);
});

/** The functions of one number of Prometheus that JavaScript has under another name. */
const OTHERWISE_NAMED = {
  ...{ ln: Math.log, sgn: Math.sign },
  ...{ deg: (angle: number) => angle * (180 / Math.PI), rad: (angle: number) => angle * (Math.PI / 180) },
};

test('all that a function of one number can give is what it gives from one end of the numbers to the other', () => {
  const halves = [0, 0.5, 1, Math.PI / 2, Math.PI, 100.5, Infinity];
  const numbers = [...halves.map((number) => -number), ...halves];
  const names =
    'abs acos acosh asin asinh atan atanh ceil cos cosh exp floor log10 log2 round sin sinh sqrt tan tanh';
  const maps: Readonly<Record<string, (number: number) => number>> = {
    ...Object.fromEntries(names.split(' ').map((name) => [name, Reflect.get(Math, name)])),
    ...OTHERWISE_NAMED,
  };
  for (const [name, map] of Object.entries(maps)) {
    // The tangent of a quarter turn is infinite, but a quarter turn is no number that can be written.
    const values = numbers
      .map((number) => map(number) + 0)
      .map((value) => (Math.abs(value) > 1e15 ? value * Infinity : value));
    const all = values.filter((value) => !Number.isNaN(value)).map(at);
    assert.deepEqual(
      mapped(name, EVERYTHING, false)?.range,
      all.reduce((a, b) => hull(a, b) ?? b),
      name,
    );
    for (const number of [-1, 0.25, 1, 2.5]) {
      const value = map(number);
      const range = mapped(name, at(number), false)?.range;
      if (Number.isNaN(value)) assert.equal(range, undefined, `${name} of ${number}`);
      else
        assert.ok(
          range?.[0] === value || Math.abs((range?.[0] ?? NaN) - value) < 1e-12,
          `${name} of ${number}`,
        );
    }
  }
});

test('a date gives the numbers that the calendar has', () => {
  const dayMs = 86_400_000;
  const given: Record<string, Interval> = {};
  const tell = (name: string, number: number): void =>
    void (given[name] = hull(given[name], at(number)) ?? at(number));
  for (let wallMs = Date.UTC(2000, 0, 1); wallMs < Date.UTC(2005, 0, 1); wallMs += dayMs) {
    const day = new Date(wallMs);
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
    tell('day_of_month', day.getUTCDate());
    tell('day_of_week', day.getUTCDay());
    tell('day_of_year', 1 + (wallMs - Date.UTC(year, 0, 1)) / dayMs);
    tell('days_in_month', new Date(Date.UTC(year, month + 1, 0)).getUTCDate());
    tell('month', month + 1);
  }
  for (let wallMs = 0; wallMs < dayMs; wallMs += 60_000) {
    tell('hour', new Date(wallMs).getUTCHours());
    tell('minute', new Date(wallMs).getUTCMinutes());
  }
  for (const [name, range] of Object.entries(given)) assert.deepEqual(datesOf(name), range, name);
  assert.deepEqual(datesOf('year'), EVERYTHING);
  assert.equal(datesOf('nosuch'), undefined);
  assert.deepEqual(
    NOW.map((seconds) => new Date(seconds * 1_000).getUTCFullYear()),
    [2001, 33_658],
  );
});

test('over a range of time a number that stays changes nothing, and others may change everything', () => {
  const some: Interval = [1, 2];
  const cases: Readonly<Record<string, readonly [stays: Interval, varies: Interval]>> = {
    ...{ avg_over_time: [at(1), some], max_over_time: [at(1), some], last_over_time: [at(1), some] },
    ...{ changes: [at(0), [0, Infinity]], resets: [at(0), [0, Infinity]], rate: [at(0), EVERYTHING] },
    ...{ stddev_over_time: [at(0), [0, Infinity]], stdvar_over_time: [at(0), [0, Infinity]] },
    ...{
      predict_linear: [at(1), EVERYTHING],
      sum_over_time: [
        [1, Infinity],
        [1, Infinity],
      ],
    },
    ...{
      count_over_time: [
        [1, Infinity],
        [1, Infinity],
      ],
      present_over_time: [at(1), at(1)],
    },
  };
  for (const [name, [stays, varies]] of Object.entries(cases)) {
    assert.deepEqual(overTime(name, at(1)), stays, name);
    assert.deepEqual(overTime(name, some), varies, name);
  }
  assert.equal(overTime('nosuch', some), undefined);
  assert.deepEqual(manySummed([-1, 0]), [-Infinity, 0]);
  assert.deepEqual(manySummed([0, 1]), [0, Infinity]);
});

test('what is clamped lies between both ends, where all three are numbers', () => {
  assert.deepEqual(clamped([-5, 5], at(0), at(1)), [0, 1]);
  assert.deepEqual(clamped([0.2, 0.4], at(0), at(1)), [0.2, 0.4]);
  assert.equal(clamped(undefined, at(0), at(1)), undefined);
  assert.equal(clamped(at(1), undefined, at(1)), undefined);
  assert.equal(clamped(at(1), at(1), undefined), undefined);
});

test('a sign turns the numbers of an expression around, and binds less than a power', () => {
  const rangeOf = (query: string) => valuesOf(readTree(query), () => false).range;
  assert.deepEqual(rangeOf('-clamp(x, 1, 3)'), [-3, -1]);
  assert.deepEqual(rangeOf('+clamp(x, 1, 3)'), [1, 3]);
  assert.deepEqual(rangeOf('-2 ^ 2'), at(-4));
  const tree = readTree('-2 ^ 2');
  assert.ok(tree.kind === 'unary' && tree.of.kind === 'binary');
  assert.deepEqual([tree.from, tree.of.from, tree.of.left.from], [0, 1, 1]);
});
