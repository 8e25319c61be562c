import { EVERYTHING, type Interval } from './interval.ts';
import { selectorsOf, unwrapped, type Binary, type Expr } from './promql-expr.ts';
import { signatureOf } from './promql-functions.ts';
import { ANYTHING, eitherOf, isNothing, joinedValues, NOTHING, type Values } from './promql-operators.ts';
import {
  clamped,
  COUNT,
  datesOf,
  manySummed,
  mapped,
  NOT_NEGATIVE,
  NOW,
  ONE,
  overTime,
} from './promql-numbers.ts';

/** Which series are there: an absent selector is empty, any other may hold anything. */
export type IsAbsent = (selector: string) => boolean;

/** Evaluates a query without its series. `alone` is whether the one series of the answer is one of the expression's. */
export function valuesOf(expr: Expr, isAbsent: IsAbsent, alone = true): Values {
  switch (expr.kind) {
    case 'number':
      return { ...only(expr.value), bare: true };
    case 'string':
      return NOTHING;
    case 'selector':
      return isAbsent(expr.text) ? NOTHING : ANYTHING;
    case 'paren':
    case 'modified':
      return valuesOf(expr.of, isAbsent, alone);
    case 'range':
      return valuesOf(expr.of, isAbsent, false);
    case 'unary': {
      const of = valuesOf(expr.of, isAbsent, alone);
      return expr.isNegative && of.range !== undefined ? { ...of, range: [-of.range[1], -of.range[0]] } : of;
    }
    case 'call':
      return callValues(expr, isAbsent, alone);
    case 'aggregate':
      return aggregateValues(expr, isAbsent);
    case 'binary':
      return binaryValues(expr, isAbsent, alone);
  }
}

function only(value: number): Values {
  const nan = Number.isNaN(value);
  return { range: nan ? undefined : [value, value], nan, mayBeEmpty: false, bare: false };
}

function isScalar(expr: Expr): boolean {
  const inner = unwrapped(expr);
  if (inner.kind === 'unary') return isScalar(inner.of);
  if (inner.kind === 'binary') return isScalar(inner.left) && isScalar(inner.right);
  return inner.kind === 'number' || (inner.kind === 'call' && signatureOf(inner.name)?.returns === 'scalar');
}

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

function callValues(expr: Of<'call'>, isAbsent: IsAbsent, alone: boolean): Values {
  const { name, args } = expr;
  const values = args.map((arg) => valuesOf(arg, isAbsent, alone || name === 'scalar'));
  const [first = NOTHING, second = NOTHING, third = NOTHING] = values;
  const of = (range: Interval | undefined, from: Values = first): Values =>
    isNothing(from) ? NOTHING : { ...from, range, nan: from.nan || range === undefined };

  const overRange = values.at(name === 'quantile_over_time' ? 1 : 0) ?? NOTHING;
  const summary = overTime(name, overRange.range ?? EVERYTHING);
  if (summary !== undefined) {
    const range = overRange.range && summary;
    // Rates ask for two samples, which may not be there.
    return of(range, { ...overRange, mayBeEmpty: overRange.mayBeEmpty || !name.endsWith('_over_time') });
  }
  const number = mapped(name, first.range, args.length > 1);
  if (number !== undefined) return of(number.range);
  const date = datesOf(name);
  if (date !== undefined) return args.length === 0 ? { ...only(0), range: date, bare: true } : of(date);

  switch (name) {
    case 'absent':
    case 'absent_over_time': {
      const inner = args[0] && innermost(args[0]);
      const canBeThere = !isNothing(first);
      if (!first.mayBeEmpty) return NOTHING;
      return { range: ONE, nan: false, mayBeEmpty: canBeThere, bare: inner?.kind !== 'selector' };
    }
    case 'clamp':
      return of(clamped(first.range, second.range, third.range));
    case 'clamp_min':
      return of(clamped(first.range, second.range, [Infinity, Infinity]));
    case 'clamp_max':
      return of(clamped(first.range, [-Infinity, -Infinity], second.range));
    case 'label_join':
    case 'label_replace':
      return { ...first, bare: false };
    case 'pi':
      return { ...only(Math.PI), bare: true };
    case 'scalar':
      return { ...first, nan: true, mayBeEmpty: false, bare: true };
    case 'sort':
    case 'sort_desc':
      return first;
    case 'time':
      return { ...only(0), range: NOW, bare: true };
    case 'timestamp':
      return of(NOW);
    case 'vector':
      return { ...first, mayBeEmpty: false, bare: true };
    default:
      return histogramValues(expr, isAbsent);
  }
}

/** Numbers are no histograms, and have no buckets unless a label says so. */
function histogramValues(expr: Of<'call'>, isAbsent: IsAbsent): Values {
  return selectorsOf(expr).every(isAbsent) && !isRelabelled(expr) ? NOTHING : ANYTHING;
}

function isRelabelled(expr: Expr): boolean {
  if (expr.kind === 'call' && expr.name.startsWith('label_')) return true;
  if (expr.kind === 'call' || expr.kind === 'aggregate') return expr.args.some(isRelabelled);
  if (expr.kind === 'binary') return isRelabelled(expr.left) || isRelabelled(expr.right);
  return 'of' in expr && isRelabelled(expr.of);
}

function innermost(expr: Expr): Expr {
  return 'of' in expr ? innermost(expr.of) : expr;
}

function aggregateValues({ name, args, isGrouped }: Of<'aggregate'>, isAbsent: IsAbsent): Values {
  const vector = args.at(-1);
  const inner = vector === undefined ? NOTHING : valuesOf(vector, isAbsent, false);
  if (isNothing(inner)) return NOTHING;
  const isOne = inner.bare;
  const grouped = (range: Interval | undefined, nan = inner.nan): Values => ({
    range,
    nan,
    mayBeEmpty: inner.mayBeEmpty,
    bare: isOne || !isGrouped,
  });
  switch (name) {
    case 'sum':
      return grouped(inner.range && (isOne ? inner.range : manySummed(inner.range)));
    case 'count':
      return grouped(isOne ? ONE : COUNT, false);
    case 'count_values':
      return { ...grouped(isOne ? ONE : COUNT, false), bare: false };
    case 'group':
      return grouped(ONE, false);
    case 'stddev':
    case 'stdvar':
      return grouped(isOne ? [0, 0] : NOT_NEGATIVE, true);
    case 'avg':
    case 'max':
    case 'min':
      return grouped(inner.range);
    case 'quantile':
      return grouped(EVERYTHING, true);
    default:
      // Of the largest or smallest there may be none: topk(0, x).
      return { ...inner, mayBeEmpty: true };
  }
}

function binaryValues(expr: Binary, isAbsent: IsAbsent, alone: boolean): Values {
  const scalars = [isScalar(expr.left), isScalar(expr.right)] as const;
  const isOr = expr.operator === 'or';
  const isAlone = alone && (isOr || scalars.includes(true));
  const left = valuesOf(expr.left, isAbsent, isAlone);
  const right = valuesOf(expr.right, isAbsent, isAlone);
  return isOr ? eitherOf(left, right, alone) : joinedValues(expr, left, right, scalars);
}
