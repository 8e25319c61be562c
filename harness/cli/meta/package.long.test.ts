import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { documentExamples } from './document-examples.ts';
import { EmptyFolder, SCENARIO } from './empty-folder.ts';

describe('the package as npm installs it', { concurrency: false }, () => {
  const folder = new EmptyFolder('installed');

  it('runs a scenario on a cluster of its own, and reports into the folder', async () => {
    folder.write('scenarios/short-hang.spec.ts', SCENARIO);
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

  it('has types for every compiler that the document names, however it finds modules', () => {
    const examples = documentExamples();
    folder.write('examples/package.json', '{ "type": "module" }');
    for (const { file, text } of examples) folder.write(file, text);
    for (const version of ['5.4', '5.9', '6.0']) {
      const compiler = folder.install('typescript', version);
      for (const resolution of ['nodenext', 'bundler'] as const) {
        const files = examples.map(({ file }) => file);
        assert.equal(folder.typeErrors(files, { compiler, resolution }), '', `${version}, ${resolution}`);
      }
    }
  });
});
