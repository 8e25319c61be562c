import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { EmptyFolder, SCENARIO } from './empty-folder.ts';

test('the package in an empty folder runs a scenario on a cluster of its own, and reports into the folder', async () => {
  const folder = new EmptyFolder('installed');
  folder.write('scenarios/short-hang.spec.ts', SCENARIO);
  const { exitCode, output } = await folder.firedrill('test', 'scenarios/short-hang.spec.ts', '--seed', '7');
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
