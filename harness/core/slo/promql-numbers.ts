import { EVERYTHING, isPoint, type Interval } from './interval.ts';

/** A day between 2001 and 33658. */
export const NOW: Interval = [1e9, 1e12];
export const NOT_NEGATIVE: Interval = [0, Infinity];
export const ONE: Interval = [1, 1];
export const COUNT: Interval = [1, Infinity];
/** To either side. */
const QUARTER_TURN: Interval = [-Math.PI / 2, Math.PI / 2];

/** Functions of one number: what they make of it, and which numbers they can give, unless they take every number and never fall when it grows. */
const MAPS: Readonly<Partial<Record<string, readonly [map: (value: number) => number, range?: Interval]>>> = {
  abs: [Math.abs, NOT_NEGATIVE],
  acos: [Math.acos, [0, Math.PI]],
  acosh: [Math.acosh, NOT_NEGATIVE],
  asin: [Math.asin, QUARTER_TURN],
  asinh: [Math.asinh],
  atan: [Math.atan],
  atanh: [Math.atanh, EVERYTHING],
  ceil: [Math.ceil],
  cos: [Math.cos, [-1, 1]],
  cosh: [Math.cosh, COUNT],
  deg: [(value) => (value * 180) / Math.PI],
  exp: [Math.exp],
  floor: [Math.floor],
  ln: [Math.log, EVERYTHING],
  log10: [Math.log10, EVERYTHING],
  log2: [Math.log2, EVERYTHING],
  rad: [(value) => (value * Math.PI) / 180],
  round: [Math.round],
  sgn: [Math.sign],
  sin: [Math.sin, [-1, 1]],
  sinh: [Math.sinh],
  sqrt: [Math.sqrt, NOT_NEGATIVE],
  tan: [Math.tan, EVERYTHING],
  tanh: [Math.tanh],
};
const DATES: Readonly<Record<string, Interval>> = {
  day_of_month: [1, 31],
  day_of_week: [0, 6],
  day_of_year: [1, 366],
  days_in_month: [28, 31],
  hour: [0, 23],
  minute: [0, 59],
  month: [1, 12],
  year: EVERYTHING,
};

/** What becomes of the numbers of one series over a range of time. */
const OVER_TIME: Readonly<Partial<Record<string, (range: Interval) => Interval>>> = {
  avg_over_time: (range) => range,
  changes: (range) => (isPoint(range) ? [0, 0] : NOT_NEGATIVE),
  count_over_time: () => COUNT,
  delta: flat,
  deriv: flat,
  idelta: flat,
  increase: flat,
  irate: flat,
  last_over_time: (range) => range,
  max_over_time: (range) => range,
  min_over_time: (range) => range,
  predict_linear: (range) => (isPoint(range) ? range : EVERYTHING),
  present_over_time: () => ONE,
  quantile_over_time: () => EVERYTHING,
  rate: flat,
  resets: (range) => (isPoint(range) ? [0, 0] : NOT_NEGATIVE),
  stddev_over_time: (range) => (isPoint(range) ? [0, 0] : NOT_NEGATIVE),
  stdvar_over_time: (range) => (isPoint(range) ? [0, 0] : NOT_NEGATIVE),
  sum_over_time: manySummed,
};

function flat(range: Interval): Interval {
  return isPoint(range) ? [0, 0] : EVERYTHING;
}

/** The sum of any number of them. */
export function manySummed([low, high]: Interval): Interval {
  return [low >= 0 ? low : -Infinity, high <= 0 ? high : Infinity];
}

/** What a function of one number makes of an interval, no range where that is never a number; undefined for another function. */
export function mapped(
  name: string,
  range: Interval | undefined,
  isToNearest: boolean,
): { readonly range: Interval | undefined } | undefined {
  const row = MAPS[name];
  if (row === undefined || range === undefined) return row && { range };
  const [map, codomain] = row;
  if (isToNearest) return { range: EVERYTHING };
  if (!isPoint(range) && codomain !== undefined) return { range: codomain };
  const [low, high] = [map(range[0]), map(range[1])];
  return { range: Number.isNaN(low) || Number.isNaN(high) ? undefined : [low, high] };
}

/** The numbers that a function of a date can give; undefined for another function. */
export function datesOf(name: string): Interval | undefined {
  return DATES[name];
}

/** What a function of a range of time makes of numbers in it; undefined for another function. */
export function overTime(name: string, range: Interval): Interval | undefined {
  return OVER_TIME[name]?.(range);
}

/** What `clamp` makes of it. */
export function clamped(
  range: Interval | undefined,
  min: Interval | undefined,
  max: Interval | undefined,
): Interval | undefined {
  if (range === undefined || min === undefined || max === undefined) return undefined;
  const end = (index: 0 | 1): number => Math.max(min[index], Math.min(max[index], range[index]));
  return [end(0), end(1)];
}
