import { relative, sep } from 'node:path';
import type { ESLint, Rule } from 'eslint';
import { forbiddenImport } from './import-folders.ts';

const root = process.cwd();

/** True where nothing of the statement is left after types are stripped. */
function isTypeOnly(node: { importKind?: unknown; exportKind?: unknown }): boolean {
  return node.importKind === 'type' || node.exportKind === 'type';
}

const importFolders: Rule.RuleModule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(root, context.filename).split(sep).join('/');
    const check = (node: Rule.Node, specifier: unknown): void => {
      if (typeof specifier !== 'string' || isTypeOnly(node as object)) return;
      const message = forbiddenImport(file, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source.value),
      ExportAllDeclaration: (node) => check(node, node.source.value),
      ExportNamedDeclaration: (node) => check(node, node.source?.value),
      ImportExpression: (node) => check(node, node.source.type === 'Literal' ? node.source.value : undefined),
    };
  },
};

/** Rules of this repository's own. */
export const firedrillLint: ESLint.Plugin = { rules: { 'import-folders': importFolders } };
