/** Characters of the query, counted from 0. */
interface Place {
  readonly from: number;
  readonly to: number;
}

/** A vector selector: as written, and the name of its metric where it gives one. */
export interface Selector {
  readonly text: string;
  readonly metric?: string;
}

/** What joins two operands: the labels that have to be equal, and the side of which several series may match one. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly grouped: boolean;
  readonly included: readonly string[];
}

export interface Binary extends Place {
  readonly kind: 'binary';
  /** Lower-case: `+`, `>=`, `or`. */
  readonly operator: string;
  readonly operatorFrom: number;
  readonly left: Expr;
  readonly right: Expr;
  readonly isBool: boolean;
  readonly matching?: Matching;
  readonly hasFill: boolean;
}

/** An expression of PromQL. */
export type Expr =
  | (Place & { readonly kind: 'number'; readonly value: number })
  | (Place & { readonly kind: 'string' })
  | (Place & Selector & { readonly kind: 'selector' })
  | (Place & { readonly kind: 'paren'; readonly of: Expr })
  | (Place & { readonly kind: 'unary'; readonly isNegative: boolean; readonly of: Expr })
  /** `x[5m]`, and with a colon a subquery. `duration` is the text between the brackets. */
  | (Place & {
      readonly kind: 'range';
      readonly of: Expr;
      readonly isSubquery: boolean;
      readonly rangeMs: number;
      readonly duration: string;
    })
  /** `offset`, `@`, `anchored`, `smoothed`. */
  | (Place & {
      readonly kind: 'modified';
      readonly by: 'offset' | '@' | 'anchored' | 'smoothed';
      readonly of: Expr;
      readonly offsetMs: number;
      readonly duration: string;
    })
  | (Place & { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] })
  | (Place & {
      readonly kind: 'aggregate';
      readonly name: string;
      readonly args: readonly Expr[];
      readonly isGrouped: boolean;
    })
  | Binary;

/** The expressions right inside of this one. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
    case 'aggregate':
      return expr.args;
    default:
      return [expr.of];
  }
}

/** The texts of all series that it selects. */
export function selectorsOf(expr: Expr): readonly string[] {
  return expr.kind === 'selector' ? [expr.text] : partsOf(expr).flatMap(selectorsOf);
}

/** Without the parentheses around it. */
export function unwrapped(expr: Expr): Expr {
  return expr.kind === 'paren' ? unwrapped(expr.of) : expr;
}

/** The same expression with other ones in place of its parts, where `by` gives one. */
export function replacing(expr: Expr, by: (part: Expr) => Expr | undefined): Expr {
  const other = by(expr);
  if (other !== undefined) return other;
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return expr;
    case 'binary':
      return { ...expr, left: replacing(expr.left, by), right: replacing(expr.right, by) };
    case 'call':
    case 'aggregate':
      return { ...expr, args: expr.args.map((arg) => replacing(arg, by)) };
    default:
      return { ...expr, of: replacing(expr.of, by) };
  }
}
