import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = globSync(['*.md', '{ci,harness,healers,infra,reports,scenarios}/**/*.md'], {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules') || path.startsWith('reports/out'),
});
const textOf = (document: string): string => readFileSync(join(ROOT, document), 'utf8');

/** Files of ours that a document links to, relative to the root. */
function linksOf(document: string): readonly string[] {
  return [...textOf(document).matchAll(/\](?:\(|: +)(?!https?:)([^)#\s]+)/g)].map(([, target = '']) =>
    normalize(join(dirname(document), target)),
  );
}

/** A scenario's name is found wherever its file lies. */
function isThere(path: string): boolean {
  const [, scenario = ''] = /^scenarios\/([\w-]+)$/.exec(path) ?? [];
  return (
    existsSync(join(ROOT, path)) || globSync(`scenarios/**/${scenario}.spec.ts`, { cwd: ROOT }).length > 0
  );
}

test('every link of a document leads to a file', () => {
  const broken = DOCUMENTS.flatMap((document) =>
    linksOf(document)
      .filter((target) => !existsSync(join(ROOT, target)))
      .map((target) => `${document} -> ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('every document is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const document of reached)
    for (const target of linksOf(document)) if (target.endsWith('.md')) reached.add(target);
  assert.deepEqual(
    DOCUMENTS.filter((document) => !reached.has(document)),
    [],
  );
});

test('every file and folder that a document names is there', () => {
  const gone = DOCUMENTS.flatMap((document) =>
    [...textOf(document).matchAll(/`((?:ci|harness|healers|infra|reports|scenarios)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path)
      // Words in capitals stand for a name that somebody will choose, and out/ is made by runs.
      .filter((path) => !/[A-Z]{2}|^reports\/out/.test(path) && !isThere(path))
      .map((path) => `${document}: ${path}`),
  );
  assert.deepEqual(gone, []);
});

test('ARCHITECTURE.md has a sentence for every folder of the second level', () => {
  const folders = globSync('{ci,harness,healers,infra,reports}/*/', { cwd: ROOT, exclude: ['reports/out'] });
  assert.ok(folders.length > 30, `only ${folders.length} folders were found`);
  const text = textOf('ARCHITECTURE.md');
  assert.deepEqual(
    folders.map((folder) => folder.replace(/\/$/, '')).filter((folder) => !text.includes(`\`${folder}\``)),
    [],
  );
});

test('the README stays short enough to be read', () => {
  assert.ok(textOf('README.md').trimEnd().split('\n').length <= 200);
});
