import { intersection, type Interval } from './interval.ts';
import { partsOf, replacing, selectorsOf, type Expr } from './promql-expr.ts';
import type { PromqlProblem } from './promql-types.ts';
import { valuesOf, type IsAbsent } from './promql-values.ts';
import { describeBound, numberOf, type Bound } from './slo.ts';

const ALL: IsAbsent = () => true;
const NONE: IsAbsent = () => false;

/**
 * Why a query whose types are right proves nothing under its bound: the absence of what it reads is a number inside of
 * the bound, so that "no data" would pass; or its number cannot leave the bound, whatever the series are. Undefined when
 * neither is so. A fallback outside of the bound is none of this, nor is one to no errors at all, `or vector(0)`, in a
 * query that has no number when all that it reads is absent: it divides by something whose absence is told.
 */
export function vacuityProblem(tree: Expr, bound: Bound): PromqlProblem | undefined {
  return absenceOfAll(tree, bound) ?? noWayOut(tree, bound) ?? absenceOfOne(tree, bound);
}

function absenceOfAll(tree: Expr, bound: Bound): PromqlProblem | undefined {
  const { range } = valuesOf(tree, ALL);
  if (range === undefined || !overlaps(range, bound)) return undefined;
  return {
    position: fallbackIn(tree).from,
    message: `when no series is there, the value is ${describe(range)}, inside of ${describeBound(bound)}: no data would pass. ${instead(bound)}`,
  };
}

/** Why the value of a query never leaves its bound, whatever the series are; undefined where it can. */
export function noWayOut(tree: Expr, bound: Bound): PromqlProblem | undefined {
  const { range } = valuesOf(tree, NONE);
  if (range === undefined || !within(range, bound)) return undefined;
  return {
    position: limitIn(tree, bound).from,
    message:
      `the value is ${describe(range)} whatever the series are, and never leaves ${describeBound(bound)}. ` +
      'Ask for the number itself: without a clamp, with "bool" behind a comparison, and with "or vector(0)" behind a count, which has no 0',
  };
}

/** Without one of its series, and with any others. */
function absenceOfOne(tree: Expr, bound: Bound): PromqlProblem | undefined {
  for (const selector of new Set(selectorsOf(tree))) {
    const isAbsent: IsAbsent = (other) => other === selector;
    const { range } = valuesOf(tree, isAbsent);
    if (range === undefined || !within(range, bound)) continue;
    const fallback = goodFallback(tree, selector);
    if (fallback === undefined) continue;
    const message = `when ${selector} is not there, the value is ${describe(range)}, inside of ${describeBound(bound)}: its absence would pass. ${instead(bound)}`;
    return { position: fallbackIn(fallback).from, message };
  }
  return undefined;
}

/**
 * The part that makes a number of nothing when this selector is empty, and needs no other series for that. One that
 * comes to exactly 0 anywhere on the way to the answer says that nothing bad was counted.
 */
function goodFallback(expr: Expr, selector: string): Expr | undefined {
  const { range } = valuesOf(expr, (other) => other === selector);
  if (range === undefined || (range[0] === 0 && range[1] === 0)) return undefined;
  const inside = partsOf(expr).filter((part) => selectorsOf(part).includes(selector));
  const filled = inside.filter((part) => valuesOf(part, (other) => other === selector).range !== undefined);
  if (filled.length === 0) return valuesOf(expr, ALL).range === undefined ? undefined : expr;
  for (const part of filled) {
    const found = goodFallback(part, selector);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The innermost part of an expression that has a number although everything that it reads is absent. */
function fallbackIn(expr: Expr): Expr {
  const filled = partsOf(expr).filter((part) => valuesOf(part, ALL).range !== undefined);
  const next = filled.find((part) => selectorsOf(part).length > 0);
  if (next !== undefined) return fallbackIn(next);
  const isOr = expr.kind === 'binary' && expr.operator === 'or';
  return (isOr ? filled[0] : undefined) ?? expr;
}

/** The innermost part that keeps the number inside of the bound: with anything in its place it could leave. */
function limitIn(tree: Expr, bound: Bound, expr = tree): Expr {
  const next = partsOf(expr).find((part) => {
    const anything = { kind: 'selector', text: '', from: part.from, to: part.to } as const;
    const { range } = valuesOf(
      replacing(tree, (each) => (each === part ? anything : undefined)),
      NONE,
    );
    return selectorsOf(part).length > 0 && range !== undefined && !within(range, bound);
  });
  return next === undefined ? expr : limitIn(tree, bound, next);
}

function instead(bound: Bound): string {
  return 'atMost' in bound
    ? 'Leave the fallback out, or divide by what is always told: (ERRORS or vector(0)) / REQUESTS'
    : 'Leave the fallback out, or let it lie outside of the bound: or vector(0)';
}

/** Whether a finite number lies in both. */
function overlaps(range: Interval, bound: Bound): boolean {
  const common = intersection(range, spanOf(bound));
  return common !== undefined && common[0] !== Infinity && common[1] !== -Infinity;
}

function within([low, high]: Interval, bound: Bound): boolean {
  if (low === Infinity || high === -Infinity) return false;
  return 'atLeast' in bound ? low >= bound.atLeast : high <= bound.atMost;
}

function spanOf(bound: Bound): Interval {
  return 'atLeast' in bound ? [numberOf(bound), Infinity] : [-Infinity, numberOf(bound)];
}

function describe([low, high]: Interval): string {
  if (low === high) return String(low);
  if (low === -Infinity && high === Infinity) return 'any number';
  if (high === Infinity) return `${low} or more`;
  return low === -Infinity ? `${high} or less` : `${low} to ${high}`;
}
