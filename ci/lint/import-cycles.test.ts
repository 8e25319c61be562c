import assert from 'node:assert/strict';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { cycles, folderGraph } from './import-cycles.ts';
import { type Import, importGraph, parse, readSources } from './imports.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCES = readSources();
const ANY = (): boolean => true;
const VALUES = ({ isType }: Import): boolean => !isType;

it('finds a circle, a type-only import being none at run time and one in the source', () => {
  const files: Record<string, string> = {
    '/a.ts': "import { b } from './b.ts';",
    '/b.ts': "import { one,\n  two } from './c.ts';",
    '/c.ts': "export * from './a.ts';",
    '/d.ts': "import type { A } from './a.ts';\nimport './e.ts';",
    '/e.ts': "import type { D } from './d.ts';",
  };
  const circles = (counts: (one: Import) => boolean): string[][] =>
    cycles(
      importGraph(
        Object.entries(files).map(([path, text]) => parse(path, text)),
        counts,
      ),
    );
  assert.deepEqual(circles(VALUES), [['/a.ts', '/b.ts', '/c.ts']]);
  assert.deepEqual(circles(ANY), [
    ['/a.ts', '/b.ts', '/c.ts'],
    ['/d.ts', '/e.ts'],
  ]);
});

it('finds a circle of folders where no file is in one, and takes a roof for none', () => {
  const files = new Map([
    ['/r/infra/kube/a.ts', ['/r/infra/http/b.ts']],
    ['/r/infra/http/b.ts', []],
    ['/r/infra/http/c.ts', ['/r/infra/kube/d.ts']],
    ['/r/infra/provider.ts', ['/r/infra/providers/kind/provider.ts']],
    ['/r/infra/providers/kind/provider.ts', ['/r/infra/providers/embedded/sweep.ts', '/r/infra/http/c.ts']],
  ]);
  assert.deepEqual(cycles(folderGraph('/r', files)), [['infra/http', 'infra/kube']]);
});

it('finds no circle of files in this project, nor one that only types make', () => {
  assert.ok(SOURCES.length > 100, `only ${SOURCES.length} files were looked at`);
  assert.deepEqual(
    cycles(importGraph(SOURCES, ANY)).map((cycle) => cycle.map((path) => relative(ROOT, path))),
    [],
  );
});

it('finds no circle of folders in this project', () => {
  const programs = SOURCES.filter(({ fileName }) => !/\.test\.ts$|\/(testing|meta)\//.test(fileName));
  assert.deepEqual(cycles(folderGraph(ROOT, importGraph(programs, VALUES))), []);
});
