import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { largest } from '../extremes.ts';
import { durationMs } from './promql-duration.ts';
import { partsOf, type Expr, type Selector } from './promql-expr.ts';
import { metricOf, parsePromql, readTree } from './promql-tree.ts';
import type { PromqlProblem } from './promql-types.ts';

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
  const problems: PromqlProblem[] = [];
  const metrics = new Set<string>();
  const selectors = new Set<string>();
  const bareSelectors = new Set<string>();
  let unanchored = false;
  parsePromql(query)
    .cursor()
    .iterate((node) => {
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
    });
  const all =
    query.trim() === '' ? [{ position: 0, message: 'the query is empty' }] : uniqueByPosition(problems);
  return {
    windowMs: all.length === 0 ? reachMs(readTree(query)) : 0,
    metrics: [...metrics],
    selectors: [...selectors],
    bareSelectors: [...bareSelectors],
    problems: all,
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

/** How far back the value of an expression reaches, in milliseconds, where its series themselves reach so far. */
export function reachMs(expr: Expr, ofSeries: (selector: Selector) => number = () => 0): number {
  if (expr.kind === 'selector') return ofSeries(expr);
  const insideMs = largest(
    partsOf(expr).map((part) => reachMs(part, ofSeries)),
    0,
  );
  switch (expr.kind) {
    case 'range':
      return insideMs + expr.rangeMs;
    case 'modified':
      return Math.max(0, insideMs + expr.offsetMs);
    default:
      return insideMs;
  }
}

const RESET_SAFE = new Set(['Rate', 'Irate', 'Increase', 'Resets']);

function isInRate(selector: SyntaxNode): boolean {
  for (let node = selector.parent; node !== null; node = node.parent) {
    const name = node.getChild('FunctionIdentifier')?.firstChild?.name;
    if (name !== undefined && RESET_SAFE.has(name)) return true;
  }
  return false;
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
