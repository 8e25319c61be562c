import { dirname, join, relative } from 'node:path';
import { importGraph, readSources } from '../lint/imports.ts';
import type { UnitOutcome } from '../long/records.ts';
import { unitTests } from '../suites/node-tests.ts';
import type { Area } from './areas.ts';
import { isEquivalent } from './equivalents.ts';
import { draw, mutantsOf, type Mutant } from './mutants.ts';
import { nearestTests } from './nearest-tests.ts';
import { ProjectCopy } from './project-copy.ts';
import { TypeCheck } from './type-check.ts';

const root = dirname(dirname(import.meta.dirname));

/**
 * Runs the mutants of an area against the unit tests that are near them, and prints those that none of these notices.
 *
 * @throws Error where one of these tests fails without a mutant
 */
export async function runArea(area: Area, seed: number, signal: AbortSignal): Promise<UnitOutcome> {
  const { name, sample = Infinity, targetPercent } = area;
  const graph = importGraph(readSources(), ({ isType }) => !isType);
  const tests = unitTests(root).map((file) => join(root, file));
  const mutants = mutantsOf(area, root);
  const types = new TypeCheck(root, [...new Set(mutants.map(({ file }) => join(root, file)))]);
  const counts = (mutant: Mutant): boolean =>
    !isEquivalent(mutant) && types.accepts(join(root, mutant.file), mutant.text);
  using copy = new ProjectCopy(root, signal);
  const count = { drawn: 0, killed: 0 };
  for (const mutant of draw(mutants, seed, sample, counts)) {
    const { file, line, operator, before, after } = mutant;
    const near = nearestTests(join(root, file), graph, tests).map((test) => relative(root, test));
    count.drawn++;
    if (await copy.kills(mutant, near)) count.killed++;
    else process.stdout.write(`  survived: ${file}:${line} (${operator})\n    - ${before}\n    + ${after}\n`);
  }
  const percent = (100 * count.killed) / count.drawn;
  const figures = { [`mutants of ${name}`]: [count.drawn], [`killed of ${name}`]: [count.killed] };
  if (percent >= targetPercent) return { result: 'passed', figures };
  const reason = `${count.killed} of ${count.drawn} mutants were killed (${percent.toFixed(1)} %), at least ${targetPercent} % have to be`;
  return { result: 'failed', reason, figures };
}
