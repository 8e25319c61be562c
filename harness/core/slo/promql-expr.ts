/** Characters of the query, counted from 0. */
interface Place {
  readonly from: number;
  readonly to: number;
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
  | (Place & { readonly kind: 'selector'; readonly text: string })
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

/** The same expression with a selector, which may hold anything, in place of one of its parts. */
export function withAnything(expr: Expr, part: Expr): Expr {
  if (expr === part) return { kind: 'selector', text: 'anything', from: part.from, to: part.to };
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return expr;
    case 'binary':
      return { ...expr, left: withAnything(expr.left, part), right: withAnything(expr.right, part) };
    case 'call':
    case 'aggregate':
      return { ...expr, args: expr.args.map((arg) => withAnything(arg, part)) };
    default:
      return { ...expr, of: withAnything(expr.of, part) };
  }
}
