import {
  AGGREGATION_PARAMETERS,
  EXPERIMENTAL_AGGREGATIONS,
  signatureOf,
  type PromqlType,
} from './promql-functions.ts';
import type { Expr } from './promql-expr.ts';
import { readTree } from './promql-tree.ts';

/** A place in a query, and what is wrong there. */
export interface PromqlProblem {
  /** Characters before the problem, from 0. */
  readonly position: number;
  readonly message: string;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
const FLAG = 'is experimental: Prometheus refuses it without a feature flag';

const NO_LITERAL =
  'a duration is a literal here: arithmetic needs a feature flag, and what step() and range() come to is not known beforehand';

/** What Prometheus 3.11 refuses at a query over a range of time whose syntax is right, without feature flags: `rate(x)`, `sum(x[5m])`, `1 == 1`. */
export function typeProblems(query: string): PromqlProblem[] {
  const problems: PromqlProblem[] = [];
  const tell = (position: number, message: string): void => void problems.push({ position, message });
  const tree = readTree(query);
  const type = typeOf(tree, tell);
  if (problems.length === 0 && !isValue(type))
    tell(tree.from, `an objective is a number at every instant, and this is ${one(type)}`);
  return problems.sort((a, b) => a.position - b.position);
}

type Tell = (position: number, message: string) => void;

function typeOf(expr: Expr, tell: Tell): PromqlType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      return 'instant vector';
    case 'paren':
      return typeOf(expr.of, tell);
    case 'unary': {
      const type = typeOf(expr.of, tell);
      if (!isValue(type))
        tell(expr.from, `a sign before ${one(type)}: it belongs to an instant vector or a scalar`);
      return type;
    }
    case 'range':
      return typeOfRange(expr, tell);
    case 'modified':
      return typeOfModified(expr, tell);
    case 'call':
      return typeOfCall(expr, tell);
    case 'aggregate':
      return typeOfAggregate(expr, tell);
    case 'binary':
      return typeOfBinary(expr, tell);
  }
}

type Of<K extends Expr['kind']> = Extract<Expr, { kind: K }>;

function typeOfRange(expr: Of<'range'>, tell: Tell): PromqlType {
  const { of, isSubquery, duration, rangeMs } = expr;
  const type = typeOf(of, tell);
  const bracket = of.to;
  if (!isSubquery && of.kind !== 'selector') {
    const instead = type === 'instant vector' ? `; a subquery takes any: [${duration}:]` : '';
    tell(bracket, `a range belongs to a selector${instead}`);
  } else if (isSubquery && type !== 'instant vector') {
    tell(bracket, `a subquery belongs to an instant vector, and this is ${one(type)}`);
  }
  if (isNoLiteral(duration)) tell(bracket, NO_LITERAL);
  else if (!(rangeMs > 0)) tell(bracket, `a range of ${duration} holds no time`);
  return 'range vector';
}

function typeOfModified({ of, by, to, duration }: Of<'modified'>, tell: Tell): PromqlType {
  const type = typeOf(of, tell);
  const subject = innermost(of);
  if (by === 'anchored' || by === 'smoothed') tell(of.to, `"${by}" ${FLAG}`);
  else if (subject.kind !== 'selector' && subject.kind !== 'range')
    tell(of.to, `"${by}" belongs to a selector or a subquery`);
  else if (repeats(of, by)) tell(of.to, `"${by}" is given twice`);
  else if (isNoLiteral(duration)) tell(to - duration.length, NO_LITERAL);
  return type;
}

function innermost(expr: Expr): Expr {
  return expr.kind === 'modified' ? innermost(expr.of) : expr;
}

function repeats(expr: Expr, by: string): boolean {
  return expr.kind === 'modified' && (expr.by === by || repeats(expr.of, by));
}

/** Anything but a literal with its sign. */
function isNoLiteral(duration: string): boolean {
  return !/^$|^[-+]?\s*(?:0x[\da-f]+|[\d._]+(?:e[-+]?\d+)?|(?:\d+(?:ms|[smhdwy]))+)$/i.test(duration);
}

function typeOfCall({ name, args, from, to }: Of<'call'>, tell: Tell): PromqlType {
  const signature = signatureOf(name);
  const types = args.map((arg) => typeOf(arg, tell));
  if (signature === undefined) {
    tell(from, `${name}() ${FLAG}`);
    return 'instant vector';
  }
  const { takes, least, most, returns } = signature;
  if (args.length < least || args.length > most) {
    const range = least === most ? String(least) : `${least} ${most === Infinity ? 'or more' : `to ${most}`}`;
    tell(
      args[most]?.from ?? to - 1,
      `${name}() takes ${range} ${range === '1' ? 'argument' : 'arguments'}, and gets ${args.length}`,
    );
  }
  for (const [index, arg] of args.slice(0, most).entries())
    expect(arg, types[index], takes[index] ?? takes.at(-1), `${name}()`, tell);
  return returns;
}

function typeOfAggregate({ name, args, to, from }: Of<'aggregate'>, tell: Tell): PromqlType {
  if (EXPERIMENTAL_AGGREGATIONS.has(name)) tell(from, `${name}() ${FLAG}`);
  const parameter = EXPERIMENTAL_AGGREGATIONS.has(name) ? 'scalar' : AGGREGATION_PARAMETERS.get(name);
  const takes: readonly PromqlType[] = [...(parameter === undefined ? [] : [parameter]), 'instant vector'];
  const types = args.map((arg) => typeOf(arg, tell));
  if (args.length !== takes.length) {
    const wanted = takes.map(one).join(' and ');
    tell(args[takes.length]?.from ?? to - 1, `${name}() takes ${wanted}, and gets ${args.length} arguments`);
  } else
    for (const [index, arg] of args.entries()) expect(arg, types[index], takes[index], `${name}()`, tell);
  return 'instant vector';
}

function expect(
  arg: Expr,
  type: PromqlType | undefined,
  wanted: PromqlType | undefined,
  taker: string,
  tell: Tell,
): void {
  if (type === undefined || wanted === undefined || type === wanted) return;
  tell(arg.from, `${taker} takes ${one(wanted)} here, and gets ${one(type)}${instead(arg, type, wanted)}`);
}

function instead(arg: Expr, type: PromqlType, wanted: PromqlType): string {
  if (type === 'scalar' && wanted === 'instant vector') return ': vector() makes one';
  if (type === 'instant vector' && wanted === 'scalar') return ': scalar() makes one';
  if (type === 'range vector' && wanted === 'instant vector')
    return ': rate(), increase() and the ..._over_time functions make one of a range';
  if (type === 'instant vector' && wanted === 'range vector')
    return arg.kind === 'selector' ? `: write ${arg.text}[5m] for example` : ': a subquery makes one, [5m:]';
  return '';
}

function typeOfBinary(expr: Of<'binary'>, tell: Tell): PromqlType {
  const { operator, operatorFrom: at, left, right, matching } = expr;
  const types = [typeOf(left, tell), typeOf(right, tell)] as const;
  const [leftType, rightType] = types;
  const isSet = SETS.has(operator);
  const isComparison = COMPARISONS.has(operator);
  for (const [side, type] of [[left, leftType] as const, [right, rightType] as const])
    if (!isValue(type))
      tell(side.from, `"${operator}" takes instant vectors and scalars, and gets ${one(type)}`);
  if (expr.isBool && !isComparison) tell(at, `"bool" belongs to a comparison, and "${operator}" is none`);
  if (expr.hasFill) tell(at, `"fill" ${FLAG}`);
  const isScalar = leftType === 'scalar' && rightType === 'scalar';
  if (isScalar && isComparison && !expr.isBool)
    tell(at, `a comparison of two scalars needs "bool": ${operator} bool`);
  if (types.includes('scalar')) {
    if (isSet) tell(at, `"${operator}" takes two instant vectors, and gets a scalar: vector() makes one`);
    if (matching !== undefined && matching.labels.length > 0)
      tell(at, `"${matching.on ? 'on' : 'ignoring'}" matches instant vectors, and gets a scalar`);
  } else if (matching !== undefined) {
    if (isSet && matching.grouped) tell(at, `"${operator}" takes no group_left or group_right`);
    const twice = matching.on && matching.labels.find((label) => matching.included.includes(label));
    if (typeof twice === 'string') tell(at, `the label "${twice}" stands in "on" and in its group clause`);
  }
  return isScalar ? 'scalar' : 'instant vector';
}

function isValue(type: PromqlType): boolean {
  return type === 'instant vector' || type === 'scalar';
}

function one(type: PromqlType): string {
  return `${type === 'instant vector' ? 'an' : 'a'} ${type}`;
}
