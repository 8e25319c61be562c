import { existsSync, realpathSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import type * as Esbuild from 'esbuild';
import { FiredrillError } from '../core/errors.ts';

const load = createRequire(import.meta.url);
/** What nobody knows before it runs: the file that it names is a value. */
const UNKNOWN = {
  'unsupported-dynamic-import': 'error',
  'unsupported-require-call': 'error',
  'indirect-require': 'error',
} as const;

/**
 * The absolute paths of all files of ours that these import, in turn and themselves included. Packages are left out: the lock file
 * says what they are. So is what lies in one of the folders that are known otherwise.
 *
 * @throws FiredrillError `approval.unknown-import` with the file, and the line of what cannot be followed
 */
export function importedFiles(files: readonly string[], knownFolders: readonly string[]): readonly string[] {
  if (files.length === 0) return [];
  const esbuild = load('esbuild') as typeof Esbuild;
  const root = process.cwd();
  let inputs: Esbuild.Metafile['inputs'];
  try {
    const { metafile } = esbuild.buildSync({
      entryPoints: [...files],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outdir: 'unused',
      platform: 'node',
      format: 'esm',
      packages: 'external',
      external: knownFolders
        .filter((folder) => existsSync(folder))
        .map((folder) => join(realpathSync(folder), '*')),
      // An import of which no name is used runs all the same.
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
      logLevel: 'silent',
      logOverride: UNKNOWN,
    });
    inputs = metafile.inputs;
  } catch (cause) {
    const { errors = [] } = cause as Partial<Esbuild.BuildFailure>;
    if (errors.length === 0) throw cause;
    throw unknownImport(
      errors.map(({ text, location }) => `${location?.file ?? ''}:${location?.line ?? 0}: ${text}`),
      cause,
    );
  }
  const strange = Object.entries(inputs).flatMap(([path, { imports }]) =>
    imports
      .filter(({ external, path: name }) => external === true && !isPackage(name, resolve(root, path)))
      .map(({ path: name }) => `${path}: "${name}" is no installed package`),
  );
  if (strange.length > 0) throw unknownImport(strange);
  return Object.keys(inputs).map((path) => resolve(root, path));
}

/** A name that leads elsewhere (`paths` of a tsconfig.json, a linked workspace) would be covered by nothing. */
function isPackage(name: string, importer: string): boolean {
  if (isBuiltin(name) || /^[./]/.test(name)) return true;
  const words = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
  const found = (createRequire(importer).resolve.paths(name) ?? [])
    .map((folder) => join(folder, ...words))
    .find((folder) => existsSync(folder));
  return found !== undefined && realpathSync(found).includes('/node_modules/');
}

function unknownImport(places: readonly string[], cause?: unknown): FiredrillError {
  return new FiredrillError('approval.unknown-import', places.join('; '), {
    cause,
    hint: 'what is imported is a part of what is approved: name the file itself, in quotes',
  });
}
