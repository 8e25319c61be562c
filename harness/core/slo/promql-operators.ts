import {
  arithmetic,
  compared,
  EVERYTHING,
  filtered,
  hull,
  isPoint,
  MIRRORED,
  type Interval,
} from './interval.ts';
import type { Binary } from './promql-expr.ts';

/** What an expression can be: an interval that holds every number that it can have, whatever the series are. */
export interface Values {
  /** Undefined where it never has a number. */
  readonly range: Interval | undefined;
  /** It may have a NaN, which is no number but compares. */
  readonly nan: boolean;
  readonly mayBeEmpty: boolean;
  /** Its series, of which there is one at most then, has no labels. */
  readonly bare: boolean;
}

/** An empty vector: nothing that it is part of has a number, unless a fallback makes one. */
export const NOTHING: Values = { range: undefined, nan: false, mayBeEmpty: true, bare: true };
export const ANYTHING: Values = { range: EVERYTHING, nan: true, mayBeEmpty: true, bare: false };

export function isNothing({ range, nan }: Values): boolean {
  return range === undefined && !nan;
}

/** What an operator makes of two operands that are no `or` of vectors; which of the two are scalars comes last. */
export function joinedValues(
  expr: Binary,
  left: Values,
  right: Values,
  scalars: readonly [boolean, boolean],
): Values {
  if (isNothing(left)) return NOTHING;
  const everyone = expr.matching?.on === true && expr.matching.labels.length === 0;
  const meet = everyone || (left.bare && right.bare);
  if (expr.operator === 'unless') {
    if (isNothing(right)) return left;
    return meet && !right.mayBeEmpty ? NOTHING : { ...left, mayBeEmpty: true };
  }
  if (isNothing(right)) return NOTHING;
  const isSure = !left.mayBeEmpty && !right.mayBeEmpty && (scalars.includes(true) || meet);
  if (expr.operator === 'and') return { ...left, mayBeEmpty: !isSure };
  const bare = (left.bare && right.bare) || (everyone && !expr.matching.grouped);
  const joined = { mayBeEmpty: !isSure, bare };
  if (expr.operator in MIRRORED) return comparedValues(expr, left, right, joined, scalars);
  const range = left.range && right.range && arithmetic(expr.operator, left.range, right.range);
  const isExact = left.range && right.range && isPoint(left.range) && isPoint(right.range);
  return { ...joined, range, nan: left.nan || right.nan || range === undefined || isExact !== true };
}

/**
 * What `or` makes of them. `alone` is whether the one series of the answer is one of its own: where the left side is
 * always there, the right side is then either hidden or makes several.
 */
export function eitherOf(left: Values, right: Values, alone: boolean): Values {
  const isHidden = !left.mayBeEmpty && (alone || (left.bare && right.bare));
  if (isHidden || isNothing(right)) return left;
  if (isNothing(left)) return right;
  return {
    range: hull(left.range, right.range),
    nan: left.nan || right.nan,
    mayBeEmpty: left.mayBeEmpty && right.mayBeEmpty,
    bare: left.bare && right.bare,
  };
}

function comparedValues(
  { operator, isBool }: Binary,
  left: Values,
  right: Values,
  joined: Pick<Values, 'mayBeEmpty' | 'bare'>,
  [isLeftScalar]: readonly [boolean, boolean],
): Values {
  const outcome =
    left.range && right.range
      ? compared(operator, left.range, right.range)
      : { canBeTrue: false, canBeFalse: false };
  const nan = left.nan || right.nan;
  // Nothing is equal to what is no number, and nothing larger or smaller.
  const canBeTrue = outcome.canBeTrue || (nan && operator === '!=');
  const canBeFalse = outcome.canBeFalse || (nan && operator !== '!=');
  if (isBool) return { ...joined, nan: false, range: [canBeFalse ? 0 : 1, canBeTrue ? 1 : 0] };
  if (!canBeTrue) return NOTHING;
  const [kept, other] = isLeftScalar ? [right, left] : [left, right];
  const sign = isLeftScalar ? (MIRRORED[operator] ?? operator) : operator;
  return {
    ...kept,
    range:
      operator === '!=' ? kept.range : kept.range && other.range && filtered(sign, kept.range, other.range),
    nan: kept.nan && operator === '!=',
    mayBeEmpty: joined.mayBeEmpty || canBeFalse,
  };
}
