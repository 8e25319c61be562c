import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** The packages among a bundle's inputs (paths relative to `root`) that are neither listed nor needed by a listed one. */
export function foreignPackages(
  inputs: readonly string[],
  root: string,
  listed: readonly string[],
  entry: string,
): readonly string[] {
  const found = new Set(inputs.map((input) => packageOf(input, root)).filter((name) => name !== undefined));
  for (const name of allowedWithDependencies(listed, entry)) found.delete(name);
  return [...found].sort();
}

/**
 * `a/node_modules/@scope/name/x.js` -> `@scope/name`; undefined for sources of ours. Where we are installed ourselves,
 * other packages lie beside us, so that only the whole path says what they are.
 */
function packageOf(input: string, root: string): string | undefined {
  const path = input.startsWith('../') ? resolve(root, input) : input;
  return /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** The listed packages and whatever they depend on. */
function allowedWithDependencies(packages: readonly string[], entry: string): ReadonlySet<string> {
  const allowed = new Set<string>();
  const visit = (name: string, from: string): void => {
    if (allowed.has(name)) return;
    allowed.add(name);
    const manifest = manifestOf(name, from);
    if (manifest === undefined) return;
    const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies ?? {})) visit(dependency, manifest);
  };
  for (const name of packages) visit(name, entry);
  return allowed;
}

/** The package.json that Node would find for a package name; read as a file, since `exports` may hide it. */
export function manifestOf(name: string, from: string): string | undefined {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const manifest = join(folder, name, 'package.json');
    if (existsSync(manifest)) return manifest;
  }
  return undefined;
}
