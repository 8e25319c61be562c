import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sampleRun } from '../../../reports/testing/sample-run.ts';
import { CommandLine, ENVIRONMENT } from './command-line.ts';
import { PROOFS } from './document-commands.ts';
import { documentExamples } from './document-examples.ts';
import { EmptyFolder, SCENARIO } from './empty-folder.ts';
import { typeLine } from './typed-line.ts';

const CONFIGURATION = `
import { defineConfig } from '@playwright/test';
import firedrill from 'firedrill/config';

export default defineConfig(firedrill, { testDir: 'drills', use: { healer: 'off' } });
`;

describe('the package in an empty folder', { concurrency: false }, () => {
  const folder = new EmptyFolder('linked');

  it('ships programs and types, and neither sources nor tests', () => {
    const sources = folder.packed.filter((path) => /(?<!\.d)\.ts$|\.test\.|\/testing\/|\/meta\//.test(path));
    assert.deepEqual(sources, []);
    for (const path of ['README.md', 'LICENSE', 'dist/harness/index.js', 'dist/harness/index.d.ts'])
      assert.ok(folder.packed.includes(path), path);
  });

  it('a folder without scenarios is told what to do', async () => {
    const { exitCode, output } = await folder.firedrill('test');
    assert.equal(exitCode, 64, output);
    assert.match(output, /scenarios does not exist[^]*NAME\.spec\.ts/);
  });

  it('every example of a document has the types that it needs, and a mistake shows', () => {
    const examples = documentExamples();
    assert.ok(examples.length >= 5, `only ${examples.length} were found`);
    folder.write('examples/package.json', '{ "type": "module" }');
    for (const { file, text } of examples) folder.write(file, text);
    const [readme] = examples.filter(({ text }) => text.includes('hosting:'));
    folder.write('examples/mistake.ts', readme?.text.replace('hosting:', 'hostin:') ?? '');
    const errors = folder.typeErrors(['examples/mistake.ts', ...examples.map(({ file }) => file)]);
    assert.match(errors, /^examples\/mistake\.ts\(\d+,\d+\).*'hostin'[^\n]*\n$/);
  });

  it('scenarios are those of the folder', async () => {
    folder.write('scenarios/short-hang.spec.ts', SCENARIO);
    assert.equal(folder.typeErrors(['scenarios/short-hang.spec.ts']), '');
    const listed = await folder.firedrill('test', '--list');
    assert.equal(listed.exitCode, 0, listed.output);
    assert.match(listed.output, /^short-hang\.spec\.ts › a short hang is survived$/m);
    const unknown = await folder.firedrill('test', 'scenarios/short-hnag');
    assert.equal(unknown.exitCode, 64, unknown.output);
    assert.match(unknown.output, /did you mean scenarios\/short-hang/);
    assert.ok(!existsSync(join(folder.directory, 'reports')), 'nothing half-made is left');
  });

  it("a configuration of the folder's own is made from ours", async () => {
    folder.write('drills/other.spec.ts', SCENARIO);
    folder.write('playwright.config.ts', CONFIGURATION);
    const { exitCode, output } = await folder.firedrill('test', '--list');
    assert.equal(exitCode, 0, output);
    assert.match(output, /^other\.spec\.ts › a short hang is survived$/m);
    folder.write('playwright.config.ts', CONFIGURATION.replace('(firedrill, ', '('));
    const foreign = await folder.firedrill('test', '--list');
    assert.equal(foreign.exitCode, 64, foreign.output);
    assert.match(foreign.output, /not made from ours/);
    folder.remove('playwright.config.ts');
  });

  for (const [line, proof] of Object.entries(PROOFS))
    if ('inPackage' in proof)
      it(`${line}, typed as npx firedrill`, async () => {
        const packaged = line.replace('npm run firedrill --', 'npx firedrill');
        const place = { cwd: folder.directory, env: ENVIRONMENT };
        const choices = { JOURNAL: await sampleRun([{ shape: 'held' }]) };
        const { exitCode, output } = await typeLine({ line: packaged, ...proof }, choices, place);
        assert.match(output, proof.says);
        assert.equal(exitCode, 0, output);
      });

  it('finds the same tools in the cache as the repository does', async () => {
    using line = new CommandLine();
    const installed = await folder.firedrill('toolchain', 'list');
    assert.equal(installed.exitCode, 0, installed.output);
    const ours = await line.firedrill('toolchain', 'list');
    assert.ok(installed.output.includes(ours.output), installed.output);
  });
});
