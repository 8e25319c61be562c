import { parser } from '@prometheus-io/lezer-promql';
import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';

/** A place in a query that the grammar does not accept. */
interface PromqlProblem {
  /** Characters before the problem, from 0. */
  readonly position: number;
  readonly message: string;
}

/** What a query says about itself. */
export interface PromqlFacts {
  /**
   * W: how far back the value at one instant reaches, in milliseconds. Ranges of subqueries add to the ranges
   * inside them, and so do offsets.
   */
  readonly windowMs: number;
  /** Names of the metrics that it reads, without duplicates. */
  readonly metrics: readonly string[];
  /** Vector selectors as written, e.g. `up{job="node"}`, without duplicates. */
  readonly selectors: readonly string[];
  /** Selectors that no function guards against counter resets (`rate`, `increase` and their kin). */
  readonly bareSelectors: readonly string[];
  /** The syntax is right when this is empty. */
  readonly problems: readonly PromqlProblem[];
  /** Reads a fixed instant (`@`) or the future (negative offset): its value does not belong to the instant asked for. */
  readonly unanchored: boolean;
}

/** Parses with the grammar that Prometheus ships for its own editor. */
export function readPromql(query: string): PromqlFacts {
  const tree = parser.parse(query);
  const problems: PromqlProblem[] = [];
  const metrics = new Set<string>();
  const selectors = new Set<string>();
  const bareSelectors = new Set<string>();
  let unanchored = false;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) problems.push(describeProblem(query, node));
      if (node.name === 'VectorSelector') {
        const text = query.slice(node.from, node.to);
        selectors.add(text);
        if (!isInRate(node.node)) bareSelectors.add(text);
        const metric = metricOf(query, node.node);
        if (metric !== undefined) metrics.add(metric);
      }
      if (node.name === 'StepInvariantExpr') unanchored = true;
      if (node.name === 'OffsetDurationExpr' && durationMs(query, node.node) < 0) unanchored = true;
    },
  });
  return {
    windowMs: reachMs(query, tree.topNode),
    metrics: [...metrics],
    selectors: [...selectors],
    bareSelectors: [...bareSelectors],
    problems:
      query.trim() === '' ? [{ position: 0, message: 'the query is empty' }] : uniqueByPosition(problems),
    unanchored,
  };
}

/** Several lines: the query with a caret below the first problem. */
export function showProblem(query: string, problem: PromqlProblem): string {
  const lineStart = query.lastIndexOf('\n', problem.position - 1) + 1;
  const lineEnd = query.indexOf('\n', problem.position);
  const line = query.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
  return `${problem.message}\n  ${line}\n  ${' '.repeat(problem.position - lineStart)}^`;
}

function reachMs(query: string, node: SyntaxNode): number {
  let insideMs = 0;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === 'DurationExpr' || child.name === 'OffsetDurationExpr') continue;
    insideMs = Math.max(insideMs, reachMs(query, child));
  }
  switch (node.name) {
    case 'MatrixSelector':
    case 'SubqueryExpr':
      return insideMs + durationMs(query, node.getChild('DurationExpr'));
    case 'OffsetExpr':
      return Math.max(0, insideMs + durationMs(query, node.getChild('OffsetDurationExpr')));
    default:
      return insideMs;
  }
}

/** The value of a duration expression: literals, signs, sums and products. */
function durationMs(query: string, node: SyntaxNode | null): number {
  if (node === null) return 0;
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  if (children.length === 0) return literalMs(query.slice(node.from, node.to));
  const operands = children
    .filter((child) => /Duration/.test(child.name))
    .map((child) => durationMs(query, child));
  const operator = children.find((child) => !/Duration/.test(child.name));
  const [left = 0, right] = operands;
  if (operator === undefined) return left;
  const sign = query.slice(operator.from, operator.to);
  if (right === undefined) return sign === '-' ? -left : left;
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    // One side of a product or quotient is a plain number, which was read as seconds.
    case '*':
      return (left * right) / 1_000;
    case '/':
      return right === 0 ? left : (left / right) * 1_000;
    default:
      return Math.max(left, right);
  }
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

function literalMs(text: string): number {
  const plain = Number(text);
  if (text !== '' && !Number.isNaN(plain)) return plain * 1_000;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return totalMs;
}

const RESET_SAFE = new Set(['Rate', 'Irate', 'Increase', 'Resets']);

function isInRate(selector: SyntaxNode): boolean {
  for (let node = selector.parent; node !== null; node = node.parent) {
    const name =
      node.name === 'FunctionCall' ? node.getChild('FunctionIdentifier')?.firstChild?.name : undefined;
    if (name !== undefined && RESET_SAFE.has(name)) return true;
  }
  return false;
}

function metricOf(query: string, selector: SyntaxNode): string | undefined {
  const identifier = selector.getChild('Identifier');
  if (identifier !== null) return query.slice(identifier.from, identifier.to);
  const named = /__name__\s*=\s*["'`]([^"'`]+)["'`]/.exec(query.slice(selector.from, selector.to));
  return named?.[1];
}

function describeProblem(query: string, node: SyntaxNodeRef): PromqlProblem {
  const text = query.slice(node.from, node.to);
  if (node.from >= query.trimEnd().length) {
    return { position: query.trimEnd().length, message: `the query ends too early${missingBracket(query)}` };
  }
  const shown = text === '' ? query.slice(node.from, node.from + 12) : text;
  return { position: node.from, message: `unexpected "${shown}" at character ${node.from + 1}` };
}

function missingBracket(query: string): string {
  const unquoted = query.replace(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'|`[^`]*`/g, '');
  const open: string[] = [];
  for (const character of unquoted) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character)) open.pop();
  }
  const last = open.at(-1);
  return last === undefined ? '' : `: "${last}" is never closed`;
}

function uniqueByPosition(problems: readonly PromqlProblem[]): PromqlProblem[] {
  const seen = new Map(problems.map((problem) => [problem.position, problem] as const).reverse());
  return [...seen.values()].sort((a, b) => a.position - b.position);
}
