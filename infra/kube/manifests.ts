import { parseAllDocuments } from 'yaml';
import { FiredrillError } from '../../harness/core/errors.ts';
import type { KubeObject, Manifest } from './objects.ts';

/**
 * All objects of a YAML text; empty documents are left out, `kind: List` is taken apart.
 * `source` (a file name) leads the message of an error. Throws `kube.bad-manifest` with line and column.
 */
export function parseManifests(yaml: string, source = 'manifest'): Manifest[] {
  const manifests: Manifest[] = [];
  for (const document of parseAllDocuments(yaml)) {
    const [problem] = document.errors;
    if (problem !== undefined) throw badManifest(source, problem.message, problem);
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    const found = isList(value) ? value.items : [value];
    for (const each of found) manifests.push(demandManifest(each, source, manifests.length + 1));
  }
  return manifests;
}

function demandManifest(value: unknown, source: string, position: number): Manifest {
  const object = value as KubeObject | null;
  const where = `${source}, object ${position}`;
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    throw badManifest(where, 'it is no object');
  }
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== 'string') throw badManifest(where, 'apiVersion is missing');
  if (typeof kind !== 'string') throw badManifest(where, 'kind is missing');
  if (metadata?.name === undefined && metadata?.generateName === undefined) {
    throw badManifest(`${where} (${kind})`, 'metadata.name is missing');
  }
  return { ...object, apiVersion, kind, metadata };
}

function isList(value: unknown): value is { readonly items: readonly unknown[] } {
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return kind === 'List' && Array.isArray(items);
}

function badManifest(where: string, problem: string, cause?: unknown): FiredrillError {
  return new FiredrillError('kube.bad-manifest', `${where}: ${problem}`, { cause });
}
