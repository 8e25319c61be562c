import { dirname } from 'node:path';
import type { Graph } from '../lint/imports.ts';

/** Over so many imports a test is still near what it reaches. */
const STEPS = 2;

/** Those of the tests that are near a file, the nearest first: what reaches it over few imports, then its folder's. */
export function nearestTests(file: string, graph: Graph, tests: readonly string[]): readonly string[] {
  const reached = new Set([file]);
  for (let step = 1; step <= STEPS; step++) {
    const known = new Set(reached);
    for (const [importer, imported] of graph)
      if (imported.some((one) => known.has(one))) reached.add(importer);
  }
  const beside = tests.filter((test) => dirname(test) === dirname(file));
  return [...new Set([...reached, ...beside])].filter((path) => tests.includes(path));
}
