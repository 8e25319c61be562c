import { defineConfig } from '@playwright/test';
import { join } from 'node:path';
import { isPackage, sourceFile } from './harness/core/installation.ts';
import { given } from './harness/core/given.ts';
import { excludedHere } from './harness/fixtures/excluded-tags.ts';
import { REPORTER, scenarioFolderIn } from './harness/run/project.ts';
import { launchedRun, PROJECT } from './harness/run/run-context.ts';

const own = import.meta.dirname;
/** A package has no scenarios: those of the folder in which it is called are meant. */
const project = isPackage ? process.cwd() : own;
const run = launchedRun(process.env);
const excluded = excludedHere(process);

/**
 * Fixed on purpose: one worker per cluster, no retries (a retry hides a finding), no time-out of the runner's own (a
 * trial has its own deadline, and undoes its faults when that is over). `npm test` prepares the run and says so by
 * the environment; a bare `npx playwright test` or an editor has it prepared by the global set-up.
 *
 * With the package it is `firedrill/config`, and holds as it is where a folder has no configuration of its own.
 */
export default defineConfig({
  testDir: scenarioFolderIn(project, process.env),
  testMatch: '**/*.spec.ts',
  outputDir: run === undefined ? join(project, 'test-results') : `${run.directory}/runner`,
  // Node runs our own files as they are: that the runner compiles each of them first takes three times as long.
  build: { external: [join(own, '**')] },
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 0,
  globalTimeout: 0,
  forbidOnly: !['', '0', 'false'].includes(process.env['CI'] ?? ''),
  // A --grep of the command line cannot bring back what is excluded here: --control has to drop it.
  ...given({ grepInvert: excluded }),
  ...(run === undefined ? { globalSetup: join(own, 'harness', 'fixtures', sourceFile('bare-run')) } : {}),
  // `npm test` adds ours by its command line, beside those of a user's own configuration.
  reporter: run === undefined ? [[REPORTER]] : [],
  projects: [{ name: PROJECT }],
});
