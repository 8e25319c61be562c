import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');

/** Absolute paths of all TypeScript of this project. */
export const SOURCES: readonly string[] = globSync(
  '{*.ts,{harness,healers,infra,reports,scenarios,ci}/**/*.ts}',
  {
    cwd: ROOT,
    exclude: ['reports/out/**'],
  },
).map((path) => join(ROOT, path));

/** One import or re-export of a source text. */
export interface Import {
  readonly specifier: string;
  /** The file of ours that is meant, by its absolute path; absent for a package. */
  readonly target?: string;
  /** Nothing is left of it after types are stripped. */
  readonly isType: boolean;
  /** What is imported; `*` stands for all. */
  readonly names: readonly string[];
}

const STATEMENT =
  /^(?:import|export)\s+(type\s+)?(?:(\*(?:\s+as\s+\w+)?|\w*,?\s*\{[^}]*\}|\w+)\s*from\s*)?'([^']+)'/gm;
const EXPRESSION = /(\bawait\s+)?\bimport\('([^']+)'\)(?:\.(\w+))?/g;

/** What the text of a file imports. */
export function importsOf(path: string, text: string): readonly Import[] {
  const imported = (specifier: string, rest: Omit<Import, 'specifier' | 'target'>): Import => ({
    specifier,
    ...(specifier.startsWith('.') ? { target: resolve(dirname(path), specifier) } : {}),
    ...rest,
  });
  return [
    ...[...text.matchAll(STATEMENT)].map(([, type, clause = '', specifier = '']) =>
      imported(specifier, { isType: type !== undefined, names: namesIn(clause) }),
    ),
    ...[...text.matchAll(EXPRESSION)].map(([, value, specifier = '', name = '*']) =>
      imported(specifier, { isType: value === undefined, names: [name] }),
    ),
  ];
}

/** Takes the imports by statement out of a text. */
export function withoutImports(text: string): string {
  return text.replace(STATEMENT, '');
}

function namesIn(clause: string): string[] {
  if (clause.startsWith('*')) return ['*'];
  return [...clause.matchAll(/(?:^|[{,])\s*(?:type\s+)?(\w+)/g)].map((match) => match[1] ?? '');
}

/** Each name with the names that it reaches. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Which of these files reaches which by imports that `counts`. */
export function importGraph(
  paths: Iterable<string>,
  counts: (one: Import) => boolean,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Graph {
  const reached = (path: string) =>
    importsOf(path, read(path))
      .filter(counts)
      .flatMap(({ target = [] }) => target);
  return new Map([...paths].map((path) => [path, reached(path)]));
}
