import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..', '..');

/** The syntax of a source text. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
}

/** The TypeScript files of this project, by their absolute paths. */
export function sourcePaths(): readonly string[] {
  const pattern = '{*.ts,{harness,healers,infra,reports,scenarios,ci}/**/*.ts}';
  return globSync(pattern, { cwd: ROOT, exclude: ['reports/out/**'] }).map((path) => join(ROOT, path));
}

/** All TypeScript of this project; the names of the files are absolute paths. */
export function readSources(): readonly ts.SourceFile[] {
  return sourcePaths().map((path) => parse(path, readFileSync(path, 'utf8')));
}

/** One import or re-export of a source text. */
export interface Import {
  readonly specifier: string;
  /** The file of ours that is meant, by its absolute path; absent for a package. */
  readonly target?: string;
  /** Nothing is left of it after types are stripped. */
  readonly isType: boolean;
  /** What is imported; `*` stands for all. */
  readonly names: readonly string[];
  /** An `export * from`: whoever takes a name from this file may take it from that one. */
  readonly passesOn: boolean;
}

/** What a file imports. */
export function importsOf(source: ts.SourceFile): readonly Import[] {
  const imports: Import[] = [];
  const add = (
    from: ts.Node | undefined,
    isType: boolean,
    names: readonly string[],
    passesOn = false,
  ): void => {
    if (from === undefined || !ts.isStringLiteralLike(from)) return;
    const specifier = from.text;
    const target = specifier.startsWith('.') ? { target: resolve(dirname(source.fileName), specifier) } : {};
    imports.push({ specifier, ...target, isType, names, passesOn });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { phaseModifier, name, namedBindings } = node.importClause ?? {};
      const byDefault = name === undefined ? [] : ['default'];
      const isType = phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node.moduleSpecifier, isType, [...byDefault, ...namesIn(namedBindings)]);
    } else if (ts.isExportDeclaration(node)) {
      const passesOn = node.exportClause === undefined;
      add(node.moduleSpecifier, node.isTypeOnly, passesOn ? ['*'] : namesIn(node.exportClause), passesOn);
    } else if (ts.isImportTypeNode(node)) {
      const from = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
      add(from, true, [node.qualifier === undefined ? '*' : firstOf(node.qualifier)]);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false, ['*']);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
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
export function importGraph(sources: Iterable<ts.SourceFile>, counts: (one: Import) => boolean): Graph {
  const reached = (source: ts.SourceFile) =>
    importsOf(source)
      .filter(counts)
      .flatMap(({ target = [] }) => target);
  return new Map([...sources].map((source) => [source.fileName, reached(source)]));
}
