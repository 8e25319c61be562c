import { dirname, matchesGlob, resolve } from 'node:path';
import ts from 'typescript';
import { importsOf } from './imports.ts';

/** Files that are found by their name, or taken from outside: test runners, Playwright, the compiler, and users' scenarios a workload. */
const TAKEN_FROM_OUTSIDE =
  /(\.(test|spec|contract-case|d)\.ts|\/playwright\.config\.ts|\/scenarios\/workloads\/[^/]+\/index\.ts)$/;
/** The files whose exports are for the users of the package. */
const PUBLIC = /\/(harness\/index|playwright\.config)\.ts$/;
const OF_TESTS = /\.test\.ts$|\/(testing|meta|ci\/lint)\//;

const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;

/** Programs and scripts are named by their path in a text, by the words of a `join`, or by `sourceFile('NAME')`. */
const PATH_IN_TEXT = /['"`\s]((?:[^'"`\s]*\/)?[\w.-]+\.ts)['"`\s]|\bsourceFile\('([\w.-]+)'\)/g;

/** Those of these files that a text names outside of its imports: the one at that place seen from it, or the only one that ends so. */
function startedBy(from: string, text: string, paths: readonly string[]): readonly string[] {
  const joined = text.replace(/',\s*'/g, '/');
  return [...`${text}\n${joined}`.matchAll(PATH_IN_TEXT)].flatMap(([, file, stem]) => {
    const name = file ?? `${stem}.ts`;
    const place = resolve(dirname(from), name);
    if (paths.includes(place)) return [place];
    // Any folder may stand where a text has a value.
    const ending = name.replace(/^(\.{1,2}\/)+|^\//, '').replace(/\$\{[^}]*\}/g, '*');
    if (ending.includes('*')) return paths.filter((path) => matchesGlob(path, `/**/${ending}`));
    const candidates = paths.filter((path) => path.endsWith(`/${ending}`));
    return candidates.length === 1 ? candidates : [];
  });
}

function boundBy(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundBy(element.name)));
}

/** By which names a statement exports. */
function exportsOf(node: ts.Statement): readonly string[] {
  if (ts.isExportAssignment(node)) return ['default'];
  if (ts.isExportDeclaration(node)) {
    const { exportClause } = node;
    // The names that it passes on are counted where they are imported from.
    if (exportClause === undefined) return [];
    return ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name }) => name.text)
      : [exportClause.name.text];
  }
  const flags = ts.getCombinedModifierFlags(node as ts.DeclarationStatement);
  if ((flags & ts.ModifierFlags.Export) === 0) return [];
  if ((flags & ts.ModifierFlags.Default) !== 0) return ['default'];
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.flatMap(({ name }) => boundBy(name));
  const name = ts.getNameOfDeclaration(node as ts.DeclarationStatement);
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/**
 * Files that nobody imports or starts, and exports that no other file names, as sentences. What only tests name counts as used if
 * its own file uses it, too: a test may look at a part by itself. `starters` are paths and texts of files that are no TypeScript and
 * start some of these.
 */
export function unusedCode(files: readonly ts.SourceFile[], starters: ReadonlyMap<string, string>): string[] {
  const paths = files.map(({ fileName }) => fileName);
  const imports = new Map(files.map((file) => [file.fileName, importsOf(file)]));
  const passedOnBy = (path: string): readonly string[] =>
    (imports.get(path) ?? []).flatMap(({ target = [], passesOn }) => (passesOn ? target : []));
  const sources = files.map(({ fileName: path, text: whole, statements }) => {
    // Each name that it imports, after every file that may have it.
    const uses = (imports.get(path) ?? []).flatMap(({ target = '', names, passesOn }) => {
      if (passesOn && !PUBLIC.test(path)) return [target];
      const origins = new Set([target]);
      // A set hands out what is added to it while it is gone through.
      for (const origin of origins) for (const next of passedOnBy(origin)) origins.add(next);
      return [...origins].flatMap((origin) => {
        const passed = names.filter((name) => origin === target || name !== 'default');
        return [origin, ...passed.map((name) => `${origin} ${name}`)];
      });
    });
    const own = statements.filter((node) => !ts.isImportDeclaration(node) && !ts.isExportDeclaration(node));
    const text = own.map(({ pos, end }) => whole.slice(pos, end).replace(COMMENT, '')).join('\n');
    const starts = new Set(startedBy(path, text, paths));
    return { path, text, starts, uses: new Set(uses), exported: statements.flatMap(exportsOf) };
  });
  const fromOutside = new Set([...starters].flatMap(([path, text]) => startedBy(path, text, paths)));
  const problems: string[] = [];
  for (const { path, text, exported } of sources) {
    const importers = sources.filter((source) => source.path !== path && source.uses.has(path));
    const counts = (source: { readonly path: string }): boolean =>
      OF_TESTS.test(path) || !OF_TESTS.test(source.path);
    const users = importers.filter(counts);
    const started =
      TAKEN_FROM_OUTSIDE.test(path) ||
      fromOutside.has(path) ||
      sources.some((source) => source.starts.has(path) && counts(source));
    if (users.length === 0 && !started) problems.push(`${path}: nobody imports or starts it`);
    if (users.length === 0 || PUBLIC.test(path)) continue;
    for (const name of exported) {
      const names = ({ uses }: { readonly uses: ReadonlySet<string> }): boolean =>
        uses.has(`${path} ${name}`) || uses.has(`${path} *`);
      // Whoever starts a file takes its default: a runner its reporter, k6 its user.
      if (users.some(names) || (started && name === 'default')) continue;
      if (!importers.some(names)) problems.push(`${path}: no other file names ${name}`);
      else if (text.split(new RegExp(`\\b${name}\\b`)).length === 2)
        problems.push(`${path}: only tests name ${name}`);
    }
  }
  return problems;
}
