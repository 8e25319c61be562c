import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { importsOf, withoutImports } from './imports.ts';

/** Files that are found by their name, or taken from outside: test runners, Playwright, the compiler, and users' scenarios a workload. */
const TAKEN_FROM_OUTSIDE =
  /(\.(test|spec|contract-case|d)\.ts|\/playwright\.config\.ts|\/scenarios\/workloads\/[^/]+\/index\.ts)$/;
/** The files whose exports are for the users of the package. */
const PUBLIC = /\/(harness\/index|playwright\.config)\.ts$/;
const OF_TESTS = /\.test\.ts$|\/(testing|meta|ci\/lint)\//;

/** Programs and scripts are named by their path in a text, or by `sourceFile('NAME')`. */
const PATH_IN_TEXT = /['"`\s](?:[^'"`\s]*\/)?([\w.-]+\.ts)['"`\s]|\bsourceFile\('([\w.-]+)'\)/g;
const EXPORT =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+(\w+)/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** The names of files that stand in a text outside of its imports. */
function startedBy(text: string): Set<string> {
  const named = withoutImports(text).matchAll(PATH_IN_TEXT);
  return new Set([...named].map(([, file, stem]) => file ?? `${stem}.ts`));
}

/**
 * Files that nobody imports or starts, and exports that no other file names, as sentences. What only tests name counts as used if
 * its own file uses it, too: a test may look at a part by itself. `starters` are files that are no TypeScript and start some of these.
 */
export function unusedCode(
  paths: readonly string[],
  starters: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): string[] {
  const sources = paths.map((path) => {
    const text = read(path).replace(COMMENT, '');
    // Each name that it imports, after the file that has it.
    const uses = importsOf(path, text).flatMap(({ target = '', names }) => [
      target,
      ...names.map((name) => `${target} ${name}`),
    ]);
    return { path, text, uses: new Set(uses), starts: startedBy(text) };
  });
  const fromOutside = new Set(starters.flatMap((path) => [...startedBy(read(path))]));
  const problems: string[] = [];
  for (const { path, text } of sources) {
    const importers = sources.filter((source) => source.path !== path && source.uses.has(path));
    const counts = (source: { readonly path: string }): boolean =>
      OF_TESTS.test(path) || !OF_TESTS.test(source.path);
    const users = importers.filter(counts);
    const started =
      TAKEN_FROM_OUTSIDE.test(path) ||
      fromOutside.has(basename(path)) ||
      sources.some((source) => source.starts.has(basename(path)) && counts(source));
    if (users.length === 0 && !started) problems.push(`${path}: nobody imports or starts it`);
    if (users.length === 0 || PUBLIC.test(path)) continue;
    for (const [, name = ''] of text.matchAll(EXPORT)) {
      const names = ({ uses }: { readonly uses: ReadonlySet<string> }): boolean =>
        uses.has(`${path} ${name}`) || uses.has(`${path} *`);
      if (users.some(names)) continue;
      if (!importers.some(names)) problems.push(`${path}: no other file names ${name}`);
      else if (text.split(new RegExp(`\\b${name}\\b`)).length < 3)
        problems.push(`${path}: only tests name ${name}`);
    }
  }
  return problems;
}
