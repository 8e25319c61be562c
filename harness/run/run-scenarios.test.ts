import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { runScenarios } from './run-scenarios.ts';
import { parseTestArguments } from './test-arguments.ts';

test('options of the environment that cannot be are refused before a scenario is looked for, and nothing is written', async () => {
  const directory = temporaryDirectory('run-scenarios');
  const project = { directory, configuration: '', isConfigured: false, scenarioFolder: `${directory}/none` };
  const run = (env: NodeJS.ProcessEnv) =>
    runScenarios(parseTestArguments([]), { project, workingDirectory: directory, env });
  await assert.rejects(run({ FIREDRILL_USE_MONITORING: 'sometimes' }), { code: 'configuration.malformed' });
  await assert.rejects(run({ FIREDRILL_USE_WEATHER: 'rain' }), { code: 'configuration.unknown-variable' });
  await assert.rejects(run({}), { code: 'scenario.no-folder' });
  assert.ok(existsSync(directory));
  assert.deepEqual(readdirSync(directory), []);
});

test('a configuration of a user is read before a cluster is looked for, also where one is up', async () => {
  const directory = temporaryDirectory('configured');
  const configuration = `${directory}/playwright.config.ts`;
  writeFileSync(configuration, "import 'none-of-this-name';");
  const project = { directory, configuration, isConfigured: true, scenarioFolder: directory };
  const run = runScenarios(parseTestArguments(['--cluster', 'nowhere']), {
    project,
    workingDirectory: directory,
    env: { ...process.env, FIREDRILL_STATE_DIR: directory },
  });
  await assert.rejects(run, {
    code: 'scenario.no-list',
    message: /a list of scenarios, by \S+\/playwright\.config\.ts: [^]*none-of-this-name/,
    userError: true,
  });
});
