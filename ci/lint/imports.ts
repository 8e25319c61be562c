import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

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

/** The syntax of a source text. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
}

/** What the text of a file imports. */
export function importsOf(path: string, text: string): readonly Import[] {
  const imports: Import[] = [];
  const add = (from: ts.Node | undefined, isType: boolean, names: readonly string[]): void => {
    if (from === undefined || !ts.isStringLiteralLike(from)) return;
    const specifier = from.text;
    const target = specifier.startsWith('.') ? { target: resolve(dirname(path), specifier) } : {};
    imports.push({ specifier, ...target, isType, names });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { phaseModifier, name, namedBindings } = node.importClause ?? {};
      const byDefault = name === undefined ? [] : ['default'];
      const isType = phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node.moduleSpecifier, isType, [...byDefault, ...namesIn(namedBindings)]);
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly, node.exportClause ? namesIn(node.exportClause) : ['*']);
    } else if (ts.isImportTypeNode(node)) {
      const from = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
      add(from, true, [node.qualifier === undefined ? '*' : firstOf(node.qualifier)]);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, ['*']);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(path, text));
  return imports;
}

function namesIn(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): readonly string[] {
  if (bindings === undefined) return [];
  if (!('elements' in bindings)) return ['*'];
  return bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text);
}

function firstOf(name: ts.EntityName): string {
  return ts.isIdentifier(name) ? name.text : firstOf(name.left);
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
