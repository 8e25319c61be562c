import { createHash } from 'node:crypto';
import { importGraph, parse } from './imports.ts';

/**
 * For each source file (path and text) a digest of it and of every file that it reaches by imports. Rules that ask for types
 * see through imports: what they say about a file can change without that file, never without its digest.
 *
 * @param others What else decides on every file: settings, versions, declarations of globals
 */
export function dependencyDigests(
  sources: ReadonlyMap<string, string>,
  others: readonly string[],
): ReadonlyMap<string, string> {
  const ground = digestOf(others.join('\n'));
  const own = new Map([...sources].map(([path, text]) => [path, digestOf(text)]));
  const imports = importGraph(
    [...sources].map(([path, text]) => parse(path, text)),
    () => true,
  );
  const all = new Map<string, string>();
  for (const path of sources.keys()) {
    const reached = new Set([path]);
    // A set hands out what is added to it while it is gone through.
    for (const next of reached) for (const imported of imports.get(next) ?? []) reached.add(imported);
    all.set(
      path,
      digestOf([ground, ...[...reached].sort().flatMap((each) => [each, own.get(each)])].join('\n')),
    );
  }
  return all;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
