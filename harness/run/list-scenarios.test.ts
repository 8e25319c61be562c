import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { listScenarios } from './list-scenarios.ts';
import { projectIn } from './project.ts';
import { parseTestArguments } from './test-arguments.ts';

// Within the repository: what lies elsewhere is compiled by the test runner, and not loaded by Node.
const kept = join(import.meta.dirname, '..', '..', '.firedrill');
mkdirSync(kept, { recursive: true });
const folder = mkdtempSync(join(kept, 'unloadable-'));
after(() => rmSync(folder, { recursive: true }));

test('a scenario file that cannot be loaded is named with its line, whatever keeps it from being loaded', async () => {
  for (const [name, source] of [
    ['unparsed', 'import "node:fs";\ntest(\n'],
    ['unresolved', '\nimport { nothing } from "node:fs";\n'],
    ['throwing', '\nthrow new Error("seven");\n'],
  ] as const)
    writeFileSync(join(folder, `${name}.spec.ts`), source);
  const env = { ...process.env, FIREDRILL_SCENARIOS: folder };
  const { signal } = new AbortController();
  const listing = listScenarios(parseTestArguments([]), projectIn(process.cwd(), env), env, signal);
  await assert.rejects(listing, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'scenario.cannot-load');
    for (const name of ['unparsed', 'unresolved', 'throwing'])
      assert.match(error.message, new RegExp(`\\(\\S*${basename(folder)}/${name}\\.spec\\.ts:2\\)$`, 'm'));
    assert.doesNotMatch(error.message, /node:internal|^\s+at /m);
    return true;
  });
});
