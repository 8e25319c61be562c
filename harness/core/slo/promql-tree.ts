import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { given } from '../given.ts';
import { durationMs, numberOrDuration } from './promql-duration.ts';
import type { Binary, Expr, Matching } from './promql-expr.ts';

const MODIFIERS: Readonly<Record<string, 'offset' | '@' | 'anchored' | 'smoothed'>> = {
  OffsetExpr: 'offset',
  StepInvariantExpr: '@',
  AnchoredExpr: 'anchored',
  SmoothedExpr: 'smoothed',
};

/** The syntax tree as the grammar gives it, of the query as it is, errors included. */
export function parsePromql(query: string): SyntaxNode {
  return parser.parse(inTheGrammarsWords(query)).topNode;
}

/**
 * What Prometheus accepts and its grammar for editors does not, as something of the same length that both do: a number
 * that ends with its point, and a metric called offset.
 */
function inTheGrammarsWords(query: string): string {
  return query.replace(
    /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|(?<=\d)\.(?:e[-+]?(?=\d)|(?![\w.]))|\boffset(?=\s*(?:[[{),*/%^=!<>]|$))/gi,
    (found) =>
      found.startsWith('.')
        ? `${found.slice(1)}${found === '.' ? ' ' : '0'}`
        : found.replace(/^offset$/i, '_ffset'),
  );
}

/** The expression of a query whose syntax is right. */
export function readTree(query: string): Expr {
  return exprOf(query, onlyExpr(parsePromql(query)));
}

function exprOf(query: string, node: SyntaxNode): Expr {
  const { from, to } = node;
  const textOf = (part: SyntaxNode | null): string =>
    part === null ? '' : query.slice(part.from, part.to).trim();
  switch (node.name) {
    case 'NumberDurationLiteral':
      return { kind: 'number', from, to, value: numberOrDuration(query.slice(from, to)) };
    case 'StringLiteral':
      return { kind: 'string', from, to };
    case 'ParenExpr':
      return { kind: 'paren', from, to, of: exprOf(query, onlyExpr(node)) };
    case 'UnaryExpr': {
      const isNegative = textOf(node.getChild('UnaryOp')) === '-';
      return { kind: 'unary', from, to, isNegative, of: exprOf(query, onlyExpr(node)) };
    }
    case 'MatrixSelector':
    case 'SubqueryExpr': {
      const duration = node.getChild('DurationExpr');
      const range = {
        isSubquery: node.name === 'SubqueryExpr',
        rangeMs: durationMs(query, duration),
        duration: textOf(duration),
      };
      return atTheEnd(exprOf(query, onlyExpr(node)), to, (of) => ({
        kind: 'range',
        from: of.from,
        to,
        of,
        ...range,
      }));
    }
    case 'OffsetExpr':
    case 'StepInvariantExpr':
    case 'AnchoredExpr':
    case 'SmoothedExpr': {
      const by = MODIFIERS[node.name] ?? '@';
      const offset = node.getChild('OffsetDurationExpr');
      const modifier = { by, offsetMs: durationMs(query, offset), duration: textOf(offset) };
      return atTheEnd(exprOf(query, onlyExpr(node)), to, (of) => ({
        kind: 'modified',
        from: of.from,
        to,
        of,
        ...modifier,
      }));
    }
    case 'FunctionCall': {
      const name = textOf(node.getChild('FunctionIdentifier'));
      return { kind: 'call', from, to, name, args: argumentsOf(query, node) };
    }
    case 'AggregateExpr': {
      const name = textOf(node.getChild('AggregateOp')).toLowerCase();
      const isGrouped = node.getChild('AggregateModifier') !== null;
      return { kind: 'aggregate', from, to, name, args: argumentsOf(query, node), isGrouped };
    }
    case 'BinaryExpr':
      return binaryOf(query, node);
    default:
      return {
        kind: 'selector',
        from,
        to,
        ...given({ text: query.slice(from, to), metric: metricOf(query, node) }),
      };
  }
}

/** The name of the metric that a vector selector gives: before its braces, in quotes within them, or as `__name__`. */
export function metricOf(query: string, selector: SyntaxNode): string | undefined {
  const matchers = selector.getChild('LabelMatchers');
  const name = selector.getChild('Identifier') ?? matchers?.getChild('QuotedLabelName');
  if (name !== null && name !== undefined) return unquoted(query.slice(name.from, name.to));
  const named = /__name__["']?\s*=\s*("[^"]*"|'[^']*'|`[^`]*`)/.exec(query.slice(selector.from, selector.to));
  return named?.[1] === undefined ? undefined : unquoted(named[1]);
}

function unquoted(text: string): string {
  return text.replace(/^["'`]|["'`]$/g, '');
}

function binaryOf(query: string, node: SyntaxNode): Expr {
  const [first, second] = node.getChildren('Expr');
  const sign = first?.nextSibling;
  if (first === undefined || second === undefined || sign === null || sign === undefined)
    throw new TypeError(`no operands at character ${node.from + 1}`);
  const operator = query.slice(sign.from, sign.to).toLowerCase();
  const clause = node.getChild('MatchingModifierClause');
  const left = exprOf(query, first);
  const binary: Omit<Binary, 'left' | 'from'> = {
    kind: 'binary',
    to: node.to,
    operator,
    operatorFrom: sign.from,
    right: exprOf(query, second),
    isBool: node.getChild('BoolModifier') !== null,
    hasFill: node.getChild('FillModifier') !== null,
    ...(clause === null ? {} : { matching: matchingOf(query, clause) }),
  };
  // A sign binds less than a power: -2 ^ 2 is -4.
  if (operator === '^' && left.kind === 'number' && /^[-+]/.test(query.slice(left.from, left.to))) {
    const from = left.from + 1;
    const of = { ...binary, left: { ...left, from, value: Math.abs(left.value) }, from };
    return { kind: 'unary', from: left.from, to: node.to, isNegative: query[left.from] === '-', of };
  }
  return { ...binary, left, from: node.from };
}

function matchingOf(query: string, clause: SyntaxNode): Matching {
  const [labels, included] = clause
    .getChildren('GroupingLabels')
    .map((list) =>
      [...list.getChildren('LabelName'), ...list.getChildren('QuotedLabelName')].map((label) =>
        unquoted(query.slice(label.from, label.to)),
      ),
    );
  return {
    on: clause.getChild('On') !== null,
    labels: labels ?? [],
    grouped: clause.getChild('GroupLeft') !== null || clause.getChild('GroupRight') !== null,
    included: included ?? [],
  };
}

/** A range or a modifier belongs to the operand that it stands behind, where the grammar gives it all operands. */
function atTheEnd(expr: Expr, to: number, wrap: (of: Expr) => Expr): Expr {
  if (expr.kind === 'binary') return { ...expr, to, right: atTheEnd(expr.right, to, wrap) };
  if (expr.kind === 'unary') return { ...expr, to, of: atTheEnd(expr.of, to, wrap) };
  return wrap(expr);
}

function argumentsOf(query: string, node: SyntaxNode): Expr[] {
  return (node.getChild('FunctionCallBody')?.getChildren('Expr') ?? []).map((part) => exprOf(query, part));
}

function onlyExpr(node: SyntaxNode): SyntaxNode {
  const expr = node.getChild('Expr');
  if (expr === null) throw new TypeError(`no expression at character ${node.from + 1}`);
  return expr;
}
