import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';

/** A relative path in quotes: every import and re-export, of types, too, and perhaps a string that is none. */
const RELATIVE_PATH = /['"](\.{1,2}\/[^'"]+)['"]/g;

/**
 * For each source file (path and text) a digest of it and of every file that it reaches by imports. Rules that ask for types
 * see through imports: what they say about a file can change without that file, never without its digest.
 *
 * @param others What else decides on every file: settings, versions, the rules themselves
 */
export function dependencyDigests(
  sources: ReadonlyMap<string, string>,
  others: readonly string[],
): ReadonlyMap<string, string> {
  const ground = digestOf(others.map(digestText));
  const own = new Map([...sources].map(([path, text]) => [path, digestText(text)]));
  const imports = new Map([...sources].map(([path, text]) => [path, pathsIn(path, text, sources)]));
  const all = new Map<string, string>();
  for (const path of sources.keys()) {
    const reached = new Set([path]);
    // A set hands out what is added to it while it is gone through.
    for (const next of reached) for (const imported of imports.get(next) ?? []) reached.add(imported);
    all.set(path, digestOf([ground, ...[...reached].sort().flatMap((each) => [each, own.get(each) ?? ''])]));
  }
  return all;
}

function pathsIn(path: string, text: string, sources: ReadonlyMap<string, string>): readonly string[] {
  return [...text.matchAll(RELATIVE_PATH)]
    .map((match) => resolve(dirname(path), match[1] ?? ''))
    .filter((imported) => sources.has(imported));
}

function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function digestOf(parts: readonly string[]): string {
  return digestText(parts.join('\n'));
}
