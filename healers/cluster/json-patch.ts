import { isDeepStrictEqual } from 'node:util';
import type { PatchOperation } from './objects.ts';

type Container = Record<string, unknown> | unknown[];

/** Applies a JSON Patch (add, remove, replace, test) to a copy. Throws when a test or a path does not hold. */
export function applyJsonPatch<T>(document: T, patch: readonly PatchOperation[]): T {
  const copy = structuredClone(document);
  for (const operation of patch) applyOne(copy, operation);
  return copy;
}

function applyOne(root: unknown, { op, path, value }: PatchOperation): void {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = keys.pop();
  if (last === undefined) throw new Error('a patch of the whole document');
  let parent: unknown = root;
  for (const key of keys) parent = isContainer(parent) ? read(parent, key) : undefined;
  if (!isContainer(parent)) throw new Error(`${op} ${path}: no such place`);
  const found = read(parent, last);
  switch (op) {
    case 'test':
      if (!isDeepStrictEqual(found, value)) throw new Error(`test ${path} does not hold`);
      return;
    case 'add':
      write(parent, last, value, true);
      return;
    case 'replace':
      if (found === undefined) throw new Error(`replace ${path}: nothing there`);
      write(parent, last, value, false);
      return;
    case 'remove':
      if (found === undefined) throw new Error(`remove ${path}: nothing there`);
      if (Array.isArray(parent)) parent.splice(Number(last), 1);
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- the key is what the patch names
      else delete parent[last];
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function read(container: Container, key: string): unknown {
  return Array.isArray(container) ? container[Number(key)] : container[key];
}

function write(container: Container, key: string, value: unknown, insert: boolean): void {
  if (!Array.isArray(container)) container[key] = structuredClone(value);
  else if (key === '-') container.push(structuredClone(value));
  else container.splice(Number(key), insert ? 0 : 1, structuredClone(value));
}
