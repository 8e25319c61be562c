import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { CommandLine, ROOT } from './command-line.ts';
import { EmptyFolder } from './empty-folder.ts';

/** A user's scenario: quick, and with every kind of thing that the package has to bring. */
const SCENARIO = `
import { expect, nodeFreeze, slo, test } from 'firedrill';

test.use({ healer: 'off', gate: { steadyFor: '1s', within: '60s' } });

const available = slo({
  name: 'availability',
  query:
    'sum(rate(probe_requests_total{target="storefront",outcome="ok"}[4s])) / ' +
    'sum(rate(probe_requests_total{target="storefront",outcome!="skipped"}[4s]))',
  bound: { atLeast: 0.99 },
  stableFor: '2s',
  delay: '1s',
});

test('a short hang is survived', async ({ trial }) => {
  const hang = await trial.inject(nodeFreeze({ node: { hosting: 'app=storefront', mode: 'one' }, duration: '3s' }));
  await expect(available).toRecoverWithin('20s', { after: hang });
});
`;
const CONFIGURATION = `
import { defineConfig } from '@playwright/test';
import firedrill from 'firedrill/config';

export default defineConfig(firedrill, { testDir: 'drills', use: { healer: 'off' } });
`;

describe('the package in an empty folder', { concurrency: false }, () => {
  const folder = new EmptyFolder();
  after(() => folder[Symbol.dispose]());

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

  it('the example of the README has the types that it needs, and a mistake shows', () => {
    const [, example = ''] = /```ts\n([^]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    const installed = example.replace('../../harness/index.ts', 'firedrill');
    folder.write('types/example.ts', installed);
    folder.write('types/mistake.ts', installed.replace('hosting:', 'hostin:'));
    assert.equal(folder.typeErrors('types/example.ts'), '');
    assert.match(folder.typeErrors('types/mistake.ts'), /mistake\.ts\(\d+,\d+\).*'hostin'/);
  });

  it('scenarios are those of the folder', async () => {
    folder.write('scenarios/short-hang.spec.ts', SCENARIO);
    assert.equal(folder.typeErrors('scenarios/short-hang.spec.ts'), '');
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

  it('finds the same tools in the cache as the repository does', async () => {
    using line = new CommandLine();
    const installed = await folder.firedrill('toolchain', 'list');
    assert.equal(installed.exitCode, 0, installed.output);
    const ours = await line.firedrill('toolchain', 'list');
    assert.ok(installed.output.includes(ours.output), installed.output);
  });

  it('runs a scenario on a cluster of its own, and reports into the folder', async () => {
    const { exitCode, output } = await folder.firedrill(
      'test',
      'scenarios/short-hang.spec.ts',
      '--seed',
      '7',
    );
    assert.equal(exitCode, 0, output);
    assert.match(output, /again: +npx firedrill test scenarios\/short-hang\.spec\.ts --seed 7/);
    const run = join(folder.directory, 'reports', 'out', 'latest');
    for (const file of ['index.html', 'junit.xml', 'allure-report'])
      assert.ok(existsSync(join(run, file)), file);
    const [trial = ''] = readdirSync(join(run, 'trials'));
    const verdict = JSON.parse(readFileSync(join(run, 'trials', trial, 'verdict.json'), 'utf8')) as Verdict;
    assert.equal(verdict.outcome, 'held');
    const again = await folder.firedrill('analyze', join(run, 'trials', trial, 'journal.jsonl'));
    assert.equal(again.exitCode, 0, again.output);
    assert.match(again.output, /^HELD /m);
  });
});
