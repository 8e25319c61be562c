import { largest } from '../extremes.ts';
import { replacing, type Expr, type Selector } from './promql-expr.ts';
import { readTree } from './promql-tree.ts';
import { reachMs, readPromql } from './promql.ts';
import { vacuityProblem } from './promql-vacuity.ts';
import type { Bound, RecordingRule } from './slo.ts';

/** How far back a query reaches through recording rules, and through which; or why nobody knows. */
type Reading =
  { readonly windowMs: number; readonly rules: readonly RecordingRule[] } | { readonly unread: string };

/**
 * A recorded series looks back as far as the expression that records it, and is as late as its rule is evaluated. A name
 * with a colon is recorded, by the convention of Prometheus: without its rule its value says nothing about time.
 */
export function readThroughRules(query: string, rules: readonly RecordingRule[]): Reading {
  const used = new Set<RecordingRule>();
  const unread: string[] = [];
  const windowMs = (text: string, through: readonly string[]): number => {
    const [problem] = readPromql(text).problems;
    if (problem !== undefined) {
      unread.push(`${through.at(-1) ?? 'its query'} cannot be read: ${problem.message}`);
      return Number.NaN;
    }
    return reachMs(readTree(text), (selector) => {
      const found = rulesOf(selector, rules);
      const name = selector.metric ?? selector.text;
      if (found.length === 0 && isRecorded(selector))
        unread.push(`${name} is recorded by a rule that is not known, and so is how far back it looks`);
      if (through.includes(name)) {
        unread.push(`the rule of ${name} reads what it has recorded itself`);
        return Number.NaN;
      }
      return largest(
        found.map((rule) => {
          used.add(rule);
          return rule.intervalMs + windowMs(rule.query, [...through, name]);
        }),
        0,
      );
    });
  };
  const ofQueryMs = windowMs(query, []);
  const [first] = unread;
  return first === undefined ? { windowMs: ofQueryMs, rules: [...used] } : { unread: first };
}

/** Why PromQL proves nothing for a claim, whatever it answers; undefined when its answers are evidence. */
export function whyNoEvidence(
  { query, bound }: { readonly query: string; readonly bound: Bound },
  rules: readonly RecordingRule[],
): string | undefined {
  const reading = readThroughRules(query, rules);
  return 'unread' in reading
    ? reading.unread
    : vacuityProblem(treeThroughRules(query, rules), bound)?.message;
}

/** The query with what records its series in place of them, as far as that is one rule. */
function treeThroughRules(query: string, rules: readonly RecordingRule[]): Expr {
  return replacing(readTree(query), (part) => {
    const [rule, ...others] = part.kind === 'selector' ? rulesOf(part, rules) : [];
    return rule === undefined || others.length > 0 ? undefined : treeThroughRules(rule.query, rules);
  });
}

function rulesOf({ metric }: Selector, rules: readonly RecordingRule[]): RecordingRule[] {
  return rules.filter(({ record }) => record === metric);
}

function isRecorded({ metric, text }: Selector): boolean {
  return metric === undefined
    ? /__name__["']?\s*(?:=~|!=|!~)\s*["'`][^"'`]*:/.test(text)
    : metric.includes(':');
}
