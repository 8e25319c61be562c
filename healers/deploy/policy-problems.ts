import { readNodePolicy } from '../policy/read-node-policy.ts';
import { ConfigReader } from '../runtime/config.ts';

/** What is wrong with settings of the node path, each problem with its key path; empty: nothing. */
export function policyProblems(node: unknown): readonly string[] {
  const problems: string[] = [];
  readNodePolicy(new ConfigReader(node, '', problems));
  return problems;
}
