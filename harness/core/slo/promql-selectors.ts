import type { SyntaxNode } from '@lezer/common';
import { messageOf } from '../errors.ts';
import { metricOf, parsePromql } from './promql-tree.ts';
import type { PromqlProblem } from './promql-types.ts';

/** What a backslash in double or single quotes may stand before. */
const ESCAPE = /\\(?:[abfnrtv\\"']|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[0-7]{3})/iy;
/** As dashboards and generators write it, which put something else in its place before Prometheus is asked. */
const VARIABLE = /\$(?:\{\w+(?::\w+)?\}|[a-z_]\w*)|\{\{.*?\}\}/i;

/**
 * What Prometheus refuses in the texts and selectors of a query whose syntax is right: `x{a=~"5\d"}`, `{}`; and what could match
 * nothing, because it was to be filled in by somebody else: `x{job="$job"}`.
 */
export function selectorProblems(query: string): PromqlProblem[] {
  const problems: PromqlProblem[] = [];
  const tell = (problem: PromqlProblem | undefined): void => {
    if (problem !== undefined) problems.push(problem);
  };
  parsePromql(query)
    .cursor()
    .iterate(({ name, node }) => {
      if (name === 'StringLiteral') tell(escapeProblem(query, node));
      if (name === 'VectorSelector') matcherProblems(query, node).forEach(tell);
    });
  return problems.sort((a, b) => a.position - b.position);
}

function escapeProblem(query: string, { from, to }: SyntaxNode): PromqlProblem | undefined {
  const text = query.slice(from, to);
  if (text.startsWith('`')) return undefined;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', ESCAPE.lastIndex)) {
    ESCAPE.lastIndex = at;
    if (!ESCAPE.test(text))
      return {
        position: from + at,
        message: `"${text.slice(at, at + 2)}" is nothing in quotes: a backslash of a regular expression is written twice there, or once between backquotes`,
      };
  }
  return undefined;
}

function matcherProblems(query: string, selector: SyntaxNode): (PromqlProblem | undefined)[] {
  const list = selector.getChild('LabelMatchers');
  const nodes = ['UnquotedLabelMatcher', 'QuotedLabelMatcher'].flatMap(
    (kind) => list?.getChildren(kind) ?? [],
  );
  const matchers = nodes.map((node) => matcherOf(query, node));
  const matchesAll =
    metricOf(query, selector) === undefined && matchers.every(({ matchesNothing }) => matchesNothing);
  const empty = 'it selects every series that there is: a metric, or a label that is not empty, is wanted';
  return [
    ...matchers.map(({ problem }) => problem),
    matchesAll ? { position: selector.from, message: empty } : undefined,
  ];
}

interface Matcher {
  /** Also a series without the label. */
  readonly matchesNothing: boolean;
  readonly problem?: PromqlProblem | undefined;
}

function matcherOf(query: string, node: SyntaxNode): Matcher {
  const value = node.getChildren('StringLiteral').at(-1);
  const operator = node.getChild('MatchOp');
  if (value === undefined || operator === null) return { matchesNothing: false };
  const quoted = query.slice(value.from, value.to);
  const text = quoted.startsWith('`') ? quoted.slice(1, -1) : quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  const sign = query.slice(operator.from, operator.to);
  const pattern = sign.endsWith('~') ? regularExpression(text) : undefined;
  const isEmpty = pattern instanceof RegExp ? pattern.test('') : text === '';
  const [variable] = VARIABLE.exec(text) ?? [];
  const message =
    variable === undefined
      ? typeof pattern === 'string' && `"${text}" is no regular expression: ${pattern}`
      : `${variable} stands for nothing here: write the value that it has in a dashboard`;
  return {
    matchesNothing: sign.startsWith('!') ? !isEmpty : isEmpty,
    problem: message === false ? undefined : { position: value.from, message },
  };
}

/** What is wrong in the regular expressions of Prometheus as well as in ours. */
const WRONG_IN_BOTH = /Unterminated group|Unmatched '\)'|Nothing to repeat|Unterminated character class/;

/** Prometheus compares with whole values; undefined for what only its own regular expressions know, and what is wrong with it in both. */
function regularExpression(pattern: string): RegExp | string | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch (error) {
    return WRONG_IN_BOTH.exec(messageOf(error))?.[0].toLowerCase();
  }
}
