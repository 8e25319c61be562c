import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Imports and re-exports of values by relative path; types vanish before anything runs. */
const RELATIVE_IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'/gm;

/** The files that a source text imports at run time, as absolute paths. */
export function importedFiles(path: string, text: string): string[] {
  return [...text.matchAll(RELATIVE_IMPORT)].map((match) => resolve(dirname(path), match[1] ?? ''));
}

/** Every circle of imports among these files, each once, beginning with its first file in the alphabet. */
export function importCycles(
  paths: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string[][] {
  const graph = new Map(paths.map((path) => [path, importedFiles(path, read(path))]));
  const done = new Set<string>();
  const trail: string[] = [];
  const cycles = new Map<string, string[]>();
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const cycle = trail.slice(start);
      const first = cycle.indexOf([...cycle].sort()[0] ?? '');
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      cycles.set(turned.join('\n'), turned);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const imported of graph.get(path) ?? []) visit(imported);
    trail.pop();
    done.add(path);
  };
  for (const path of [...paths].sort()) visit(path);
  return [...cycles.values()];
}
