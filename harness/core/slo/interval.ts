import { largest, smallest } from '../extremes.ts';

/** All numbers from the low end to the high end, both included; either may be infinite. */
export type Interval = readonly [low: number, high: number];

export const EVERYTHING: Interval = [-Infinity, Infinity];

export function isPoint(interval: Interval): boolean {
  return interval[0] === interval[1];
}

/** The numbers of either, and those between them. */
export function hull(a: Interval | undefined, b: Interval | undefined): Interval | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
}

/** Undefined where they have no number in common. */
export function intersection(a: Interval, b: Interval): Interval | undefined {
  const both = [Math.max(a[0], b[0]), Math.min(a[1], b[1])] as const;
  return both[0] <= both[1] ? both : undefined;
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
  atan2: Math.atan2,
};

/** What an operator of PromQL can make of any two numbers of the intervals; undefined where that is never a number. */
export function arithmetic(operator: string, a: Interval, b: Interval): Interval | undefined {
  const operation = OPERATIONS[operator];
  if (operation !== undefined && isPoint(a) && isPoint(b)) {
    const [[left], [right]] = [a, b];
    const value = operation(left, right);
    return Number.isNaN(value) ? undefined : [value, value];
  }
  switch (operator) {
    case '+':
      return [sum(a[0], b[0], -Infinity), sum(a[1], b[1], Infinity)];
    case '-':
      return [sum(a[0], -b[1], -Infinity), sum(a[1], -b[0], Infinity)];
    case '*':
      return product(a, b);
    case '/':
      return quotient(a, b);
    case '^':
      return power(a, b);
    case 'atan2':
      return [-Math.PI, Math.PI];
    default:
      return EVERYTHING;
  }
}

/** Infinities of two signs have no sum: whatever it is near to is between `otherwise` and the rest. */
function sum(a: number, b: number, otherwise: number): number {
  return Number.isNaN(a + b) ? otherwise : a + b;
}

function product(a: Interval, b: Interval): Interval {
  const corners = a.flatMap((x) => b.map((y) => (x === 0 || y === 0 ? 0 : x * y)));
  return [smallest(corners), largest(corners)];
}

function quotient(a: Interval, b: Interval): Interval {
  if (b[0] > 0 || b[1] < 0) return product(a, [1 / b[1], 1 / b[0]]);
  // A quotient by 0 is infinite or no number: only 0 / 0 leaves the other quotients as they are.
  if (a[0] === 0 && a[1] === 0) return [0, 0];
  return b[0] === 0 && a[0] >= 0 ? [a[0] === 0 ? 0 : a[0] / b[1], Infinity] : EVERYTHING;
}

function power(a: Interval, b: Interval): Interval {
  if (!isPoint(b)) return a[0] >= 0 ? [0, Infinity] : EVERYTHING;
  const [exponent] = b;
  if (exponent === 0) return [1, 1];
  return exponent % 2 === 0 || a[0] >= 0 ? [0, Infinity] : EVERYTHING;
}

/** Whether a comparison can come out true, and false, for numbers of the intervals. */
export function compared(
  operator: string,
  a: Interval,
  b: Interval,
): { readonly canBeTrue: boolean; readonly canBeFalse: boolean } {
  switch (operator) {
    case '>':
      return { canBeTrue: a[1] > b[0], canBeFalse: a[0] <= b[1] };
    case '>=':
      return { canBeTrue: a[1] >= b[0], canBeFalse: a[0] < b[1] };
    case '<':
    case '<=':
      return compared(MIRRORED[operator] ?? operator, b, a);
    case '!=': {
      const { canBeTrue, canBeFalse } = compared('==', a, b);
      return { canBeTrue: canBeFalse, canBeFalse: canBeTrue };
    }
    default: {
      const meet = intersection(a, b) !== undefined;
      return { canBeTrue: meet, canBeFalse: !(meet && isPoint(a) && isPoint(b)) };
    }
  }
}

/** The operator that says the same with its operands exchanged. */
export const MIRRORED: Readonly<Record<string, string>> = {
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
  '==': '==',
  '!=': '!=',
};

/** The numbers of the interval that may stand in this relation to one of the other. */
export function filtered(operator: string, kept: Interval, other: Interval): Interval | undefined {
  if (!compared(operator, kept, other).canBeTrue) return undefined;
  if (operator.startsWith('>')) return [Math.max(kept[0], other[0]), kept[1]];
  if (operator.startsWith('<')) return [kept[0], Math.min(kept[1], other[1])];
  return operator === '==' ? intersection(kept, other) : kept;
}
