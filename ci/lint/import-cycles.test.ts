import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { importCycles } from './import-cycles.ts';

const ROOT = join(import.meta.dirname, '..', '..');

it('finds a circle, and takes no type-only import for one', () => {
  const files: Record<string, string> = {
    '/a.ts': "import { b } from './b.ts';",
    '/b.ts': "import { one,\n  two } from './c.ts';",
    '/c.ts': "export * from './a.ts';",
    '/d.ts': "import type { A } from './a.ts';\nimport './e.ts';",
    '/e.ts': "import type { D } from './d.ts';",
  };
  assert.deepEqual(
    importCycles(Object.keys(files), (path) => files[path] ?? ''),
    [['/a.ts', '/b.ts', '/c.ts']],
  );
});

it('finds no circle in this project', () => {
  const files = globSync('{harness,healers,infra,reports,scenarios,ci}/**/*.ts', {
    cwd: ROOT,
    exclude: ['reports/out/**'],
  }).map((path) => join(ROOT, path));
  assert.ok(files.length > 100, `only ${files.length} files were looked at`);
  assert.deepEqual(
    importCycles(files).map((cycle) => cycle.map((path) => relative(ROOT, path))),
    [],
  );
});
