import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Files that are found by their name, or taken from outside: test runners, Playwright, the compiler, and users' scenarios a workload. */
const TAKEN_FROM_OUTSIDE =
  /(\.(test|spec|contract-case|d)\.ts|\/playwright\.config\.ts|\/scenarios\/workloads\/[^/]+\/index\.ts)$/;
/** The files whose exports are for the users of the package. */
const PUBLIC = /\/(harness\/index|playwright\.config)\.ts$/;
const OF_TESTS = /\.test\.ts$|\/(testing|meta|ci\/lint)\//;

const IMPORT =
  /^(?:import|export)\s+(?:type\s+)?(?:(\*(?:\s+as\s+\w+)?|\w*,?\s*\{[^}]*\})\s*from\s*)?'(\.[^']+)'/gm;
const IMPORT_EXPRESSION = /\bimport\('(\.[^']+)'\)(?:\.(\w+))?/g;
/** Programs and scripts are named by their path in a text, or by `sourceFile('NAME')`. */
const PATH_IN_TEXT = /['"`\s](?:[^'"`\s]*\/)?([\w.-]+\.ts)['"`\s]|\bsourceFile\('([\w.-]+)'\)/g;
const EXPORT =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+(\w+)/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

interface Source {
  readonly path: string;
  readonly text: string;
  /** The names that are imported from each file by its path; `*` stands for all. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
  /** The names of files that stand in it outside of its imports. */
  readonly starts: ReadonlySet<string>;
}

function namesIn(clause: string): string[] {
  if (clause.startsWith('*')) return ['*'];
  return [...clause.matchAll(/(?:^|[{,])\s*(?:type\s+)?(\w+)/g)].map((match) => match[1] ?? '');
}

function startedBy(text: string): Set<string> {
  return new Set([...text.matchAll(PATH_IN_TEXT)].map(([, file, stem]) => file ?? `${stem}.ts`));
}

function parse(path: string, withComments: string): Source {
  const text = withComments.replace(COMMENT, '');
  const imports = new Map<string, Set<string>>();
  const add = (specifier: string, names: readonly string[]): void => {
    const target = resolve(dirname(path), specifier);
    imports.set(target, new Set([...(imports.get(target) ?? []), ...names]));
  };
  for (const [, clause = '', specifier = ''] of text.matchAll(IMPORT)) add(specifier, namesIn(clause));
  for (const [, specifier = '', name] of text.matchAll(IMPORT_EXPRESSION)) add(specifier, [name ?? '*']);
  return { path, text, imports, starts: startedBy(text.replace(IMPORT, '')) };
}

function timesIn(text: string, name: string): number {
  return [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
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
  const sources = paths.map((path) => parse(path, read(path)));
  const fromOutside = new Set(starters.flatMap((path) => [...startedBy(read(path))]));
  const problems: string[] = [];
  for (const { path, text } of sources) {
    const importers = sources.filter((source) => source.path !== path && source.imports.has(path));
    const counts = (source: Source): boolean => OF_TESTS.test(path) || !OF_TESTS.test(source.path);
    const users = importers.filter(counts);
    const started =
      TAKEN_FROM_OUTSIDE.test(path) ||
      fromOutside.has(basename(path)) ||
      sources.some((source) => source.starts.has(basename(path)) && counts(source));
    if (users.length === 0 && !started) {
      problems.push(`${path}: nobody imports or starts it`);
    } else if (users.length > 0 && !PUBLIC.test(path)) {
      for (const [, name = ''] of text.matchAll(EXPORT)) {
        const names = (source: Source): boolean =>
          ['*', name].some((wanted) => source.imports.get(path)?.has(wanted) === true);
        if (users.some(names)) continue;
        if (!importers.some(names)) problems.push(`${path}: no other file names ${name}`);
        else if (timesIn(text, name) < 2) problems.push(`${path}: only tests name ${name}`);
      }
    }
  }
  return problems;
}
