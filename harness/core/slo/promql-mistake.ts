import { selectorProblems } from './promql-selectors.ts';
import { typeProblems, type PromqlProblem } from './promql-types.ts';
import { readPromql } from './promql.ts';

/** The first thing for which Prometheus would refuse a query, or could find nothing; undefined where it would answer. */
export function mistakeIn(query: string): PromqlProblem | undefined {
  return readPromql(query).problems.at(0) ?? selectorProblems(query).at(0) ?? typeProblems(query).at(0);
}
